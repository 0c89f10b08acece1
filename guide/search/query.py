"""What somebody typed becomes ranked hits; names come before texts, and typos are forgiven."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from guide.models import SearchDocument
from guide.search.folding import query_words
from guide.search.matching import documents, is_known, matching_ids
from guide.search.snippet import cut, mark
from guide.search.spelling import nearest

KIND_LABELS = {"definition": "Definition", "contrast": "Comparison", "prompt": "Prompt"}
# A name that matches may stand this far down in the database's own ranking.
DEEPEST = 60


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
    """The best pages for a query, definitions and prompts together."""
    words = query_words(query)
    ids, words, corrected = _find(words, kind, max(limit, DEEPEST))
    ranked = [id for id, _ in _by_name(ids, words)]
    hits = [_hit(document, words) for document in documents(ranked[:limit])]
    return Results(hits, corrected)


def ranked_slugs(query: str, kind: str, limit: int = 1000) -> list[str]:
    """The slugs of the pages of one kind, best first, without their texts."""
    words = query_words(query)
    ids, words, _ = _find(words, kind, limit)
    return [slug for _, slug in _by_name(ids, words)]


def _find(words: list[str], kind: str, limit: int) -> tuple[list[int], list[str], str]:
    """Ids for all the words; else for their corrected spelling; else for any of them."""
    ids = matching_ids(words, kind, limit)
    if ids or not words:
        return ids, words, ""
    corrected = [word if is_known(word) else nearest(word) or word for word in words]
    if corrected != words:
        ids = matching_ids(corrected, kind, limit)
        if ids:
            return ids, corrected, " ".join(corrected)
    ids = matching_ids(corrected, kind, limit, any_word=True) if len(words) > 1 else []
    return ids, corrected, " ".join(corrected) if corrected != words and ids else ""


def _by_name(ids: Sequence[int], words: Sequence[str]) -> list[tuple[int, str]]:
    """(id, slug) of these documents, those first whose names hold the words."""
    place = {id: number for number, id in enumerate(ids)}
    names = SearchDocument.objects.filter(pk__in=ids)
    rows = names.values_list("pk", "slug", "title_words", "alias_words")
    ranked = sorted(rows, key=lambda row: (_name_rank(row[2], row[3], words), place[row[0]]))
    return [(id, slug) for id, slug, _, _ in ranked]


def _name_rank(title: str, aliases: str, words: Sequence[str]) -> int:
    """0 for the very name, then aliases, beginnings, names that hold the words, texts last."""
    name = " ".join(words)
    if title == name:
        return 0
    if f" {name} " in f" {aliases} ":
        return 1
    if title.startswith(name):
        return 2
    if all(f" {word}" in f" {title}" for word in words):
        return 3
    return 4 if all(f" {word}" in f" {title} {aliases}" for word in words) else 5


def _hit(document: SearchDocument, words: Sequence[str]) -> Hit:
    snippet = cut(document.body, words)
    return Hit(
        kind=document.kind,
        kind_label=KIND_LABELS[document.kind],
        title=document.title,
        url=reverse(document.kind, args=[document.slug]),
        snippet=snippet,
        snippet_html=mark(snippet, words),
        meta=document.meta,
    )
