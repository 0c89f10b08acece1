"""The two databases' ways to find the documents that hold some words.

Names are few and short: the matching ones are fetched and ranked in Python, the same on both
databases. Bodies are ranked by the database itself. The last word may be the beginning of a longer
one; a plural finds its singular, and -ise finds -ize.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from guide.models import SearchDocument
from guide.search.folding import singular

_SQLITE = """
    SELECT {columns} FROM guide_search_index
    JOIN guide_searchdocument AS document ON document.id = guide_search_index.rowid
    WHERE guide_search_index MATCH %s AND document.kind LIKE %s ORDER BY {order} LIMIT %s
"""
_POSTGRESQL = """
    SELECT {columns} FROM guide_searchdocument AS document, to_tsquery('simple', %s) AS query
    WHERE document.words @@ query AND document.kind LIKE %s ORDER BY {order} LIMIT %s
"""
_NAMES = "document.id, document.slug, document.title_words, document.alias_words"
_SHORTEST_NAME = "length(document.title_words), document.slug"
_BEST_BODY = {
    "sqlite": "bm25(guide_search_index, 20.0, 10.0, 1.0), document.slug",
    "postgresql": "ts_rank_cd('{0.05, 0.05, 0.5, 1}', document.words, query) DESC, document.slug",
}
_ISE = re.compile(r"(?<=[a-z]{2})i([sz])(e|es|ed|er|ers|ing|ation|ations)$")


class Name(NamedTuple):
    """What a document is called: its folded title, and its folded aliases one after the other."""

    id: int
    slug: str
    title: str
    aliases: str


def named(words: Sequence[str], kind: str, limit: int) -> list[Name]:
    """The documents whose names hold all the words, those with the shortest titles first."""
    rows = _rows(words, kind, limit, _NAMES, _SHORTEST_NAME, in_names=True)
    return [Name(*row) for row in rows]


def matching(
    words: Sequence[str], kind: str, limit: int, *, any_word: bool = False
) -> list[tuple[int, str]]:
    """(id, slug) of the documents that hold the words, or any of them, best first."""
    columns, order = "document.id, document.slug", _BEST_BODY[connection.vendor]
    rows = _rows(words, kind, limit, columns, order, any_word=any_word)
    return [(id, slug) for id, slug in rows]


def documents(ids: Sequence[int]) -> list[SearchDocument]:
    """The documents of these ids, in their order."""
    found = SearchDocument.objects.in_bulk(list(ids))
    return [found[id] for id in ids if id in found]


def is_known(word: str) -> bool:
    return bool(_rows([word], "", 1, "document.id", "document.id"))


def _rows(
    words: Sequence[str],
    kind: str,
    limit: int,
    columns: str,
    order: str,
    *,
    any_word: bool = False,
    in_names: bool = False,
) -> list[tuple[Any, ...]]:
    if not words:
        return []
    is_postgresql = connection.vendor == "postgresql"
    expression = (_tsquery if is_postgresql else _fts5)(words, any_word, in_names)
    statement = (_POSTGRESQL if is_postgresql else _SQLITE).format(columns=columns, order=order)
    with connection.cursor() as cursor:
        cursor.execute(statement, [expression, kind or "%", limit])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _fts5(words: Sequence[str], any_word: bool, in_names: bool) -> str:
    *whole, last = words
    names = "{title_words alias_words} : "
    terms = [[f'"{form}"' for form in _forms(word)] for word in whole]
    # A single letter begins a word of nearly every body; only names are meant by it.
    scope = names if len(last) == 1 else ""
    terms.append([f'{scope}"{begin}"*' for begin in _beginnings(last)])
    terms[-1] += [f'{scope}"{form}"' for form in _forms(last)[1:]]
    joined = [f"({' OR '.join(term)})" for term in terms]
    expression = (" OR " if any_word else " AND ").join(joined)
    return f"{names}({expression})" if in_names else expression


def _tsquery(words: Sequence[str], any_word: bool, in_names: bool) -> str:
    *whole, last = words
    label = ":AB" if in_names else ""
    begins = ":*AB" if in_names or len(last) == 1 else ":*"
    terms = [[f"'{form}'{label}" for form in _forms(word)] for word in whole]
    terms.append([f"'{begin}'{begins}" for begin in _beginnings(last)])
    terms[-1] += [f"'{form}'{label}" for form in _forms(last)[1:]]
    return (" | " if any_word else " & ").join(f"({' | '.join(term)})" for term in terms)


def _forms(word: str) -> list[str]:
    """The word, and its singular if it looks like an English plural, in both spellings."""
    return list(dict.fromkeys([*_spellings(word), *_spellings(*singular([word]))]))


def _spellings(word: str) -> list[str]:
    """The word, and its other spelling if it is one of the verbs on -ise and -ize."""
    match = _ISE.search(word)
    if not match:
        return [word]
    other = "z" if match[1] == "s" else "s"
    return [word, f"{word[: match.start()]}i{other}{match[2]}"]


def _beginnings(word: str) -> list[str]:
    """What all forms of a typed word begin with: "summarise" also begins "summarising"."""
    stem = word[:-1] if _ISE.search(word) and word.endswith("e") else word
    return [stem, *(other[: len(stem)] for other in _spellings(word)[1:])]
