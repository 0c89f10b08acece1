"""What somebody typed becomes ranked hits; names come before texts, and typos are forgiven."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.urls import reverse
from django.utils.safestring import SafeString

from guide.models import SearchDocument
from guide.search.folding import ALIAS_END, query_words, singular, telling_words
from guide.search.matching import Name, documents, is_known, matching, named
from guide.search.snippet import cut, mark
from guide.search.spelling import nearest

KIND_LABELS = {"definition": "Definition", "contrast": "Comparison", "prompt": "Prompt"}
# Of the names that match, so many with the shortest titles are ranked.
MOST_NAMES = 200


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    kind_label: str
    title: str
    url: str
    snippet: str
    snippet_html: SafeString
    meta: str


@dataclass(frozen=True, slots=True)
class Results:
    """The hits; `corrected` is what was searched instead, if nothing had the typed words."""

    hits: list[Hit]
    corrected: str = ""


def search(query: str, limit: int = 20, kind: str = "") -> Results:
    """The best pages for a query, of one kind or of all kinds together."""
    found, words, corrected = _find(query_words(query), kind, limit)
    hits = [_hit(document, words) for document in documents([id for id, _ in found])]
    return Results(hits, corrected)


def ranked_slugs(query: str, kind: str, limit: int = 1000) -> list[str]:
    """The slugs of the pages of one kind, best first, without their texts."""
    found, _, _ = _find(query_words(query), kind, limit)
    return [slug for _, slug in found]


def _find(typed: list[str], kind: str, limit: int) -> tuple[list[tuple[int, str]], list[str], str]:
    """(id, slug) for all the words; else for their corrected spelling; else for any of them."""
    words = telling_words(typed)
    found = _ranked(words, typed, kind, limit)
    if found or not words:
        return found, words, ""
    corrected = [word if is_known(word) else nearest(word) or word for word in words]
    if corrected != words:
        found = _ranked(corrected, corrected, kind, limit)
        if found:
            return found, corrected, " ".join(corrected)
    found = matching(corrected, kind, limit, any_word=True) if len(words) > 1 else []
    return found, corrected, " ".join(corrected) if corrected != words and found else ""


def _ranked(words: list[str], typed: list[str], kind: str, limit: int) -> list[tuple[int, str]]:
    """Those whose names hold all the words, then those that hold them somewhere."""
    names = named(words, kind, max(limit, MOST_NAMES))
    wanted = {" ".join(form) for form in (words, typed, singular(words))}
    names.sort(key=lambda name: _name_rank(name, words, wanted))
    found = {name.id: name.slug for name in names[:limit]}
    if len(found) < limit:
        for id, slug in matching(words, kind, limit):
            found.setdefault(id, slug)
    return list(found.items())[:limit]


def _name_rank(name: Name, words: Sequence[str], wanted: set[str]) -> int:
    """0 for the very name, then aliases, beginnings, titles with all the words, the rest."""
    if name.title in wanted:
        return 0
    if not wanted.isdisjoint(name.aliases.split(ALIAS_END)):
        return 1
    if any(name.title.startswith(text) for text in wanted):
        return 2
    return 3 if all(f" {word}" in f" {name.title}" for word in words) else 4


def _hit(document: SearchDocument, words: Sequence[str]) -> Hit:
    snippet = cut(document.body, words)
    return Hit(
        kind=document.kind,
        kind_label=KIND_LABELS[document.kind],
        title=document.title,
        url=_url(document.kind, document.slug),
        snippet=snippet,
        snippet_html=mark(snippet, words),
        meta=document.meta,
    )


@lru_cache(10_000)
def _url(kind: str, slug: str) -> str:
    return reverse(kind, args=[slug])
