"""The two databases' ways to find the documents that hold some words, best first.

`any_word` asks for one of the words instead of all. The last word may be the beginning of a longer
one. A plural finds its singular; the singular finds the plural only as such a beginning.
"""

from collections.abc import Sequence

from django.db import connection

from guide.models import SearchDocument

_SQLITE = """
    SELECT guide_search_index.rowid FROM guide_search_index
    JOIN guide_searchdocument AS document ON document.id = guide_search_index.rowid
    WHERE guide_search_index MATCH %s AND document.kind LIKE %s
    ORDER BY bm25(guide_search_index, 20.0, 10.0, 1.0), document.slug LIMIT %s
"""
_POSTGRESQL = """
    SELECT document.id FROM guide_searchdocument AS document,
        to_tsquery('simple', %s) AS query
    WHERE document.words @@ query AND document.kind LIKE %s
    ORDER BY ts_rank_cd('{0.05, 0.05, 0.5, 1}', document.words, query) DESC, document.slug LIMIT %s
"""


def matching_ids(
    words: Sequence[str], kind: str, limit: int, *, any_word: bool = False
) -> list[int]:
    """The ids of the matching documents of a kind ("" for every kind), best first."""
    if not words:
        return []
    is_postgresql = connection.vendor == "postgresql"
    expression = (_tsquery if is_postgresql else _fts5)(words, any_word)
    with connection.cursor() as cursor:
        sql = _POSTGRESQL if is_postgresql else _SQLITE
        cursor.execute(sql, [expression, kind or "%", limit])
        return [row[0] for row in cursor.fetchall()]


def documents(ids: Sequence[int]) -> list[SearchDocument]:
    """The documents of these ids, in their order."""
    found = SearchDocument.objects.in_bulk(list(ids))
    return [found[id] for id in ids if id in found]


def is_known(word: str) -> bool:
    return bool(matching_ids([word], "", 1))


def _fts5(words: Sequence[str], any_word: bool) -> str:
    *whole, last = words
    terms = ["(" + " OR ".join(f'"{form}"' for form in _forms(word)) + ")" for word in whole]
    beginning = f'"{last}"*'
    if len(last) == 1:
        # A single letter begins a word of nearly every body; only names are meant by it.
        beginning = f"{{title_words alias_words}} : {beginning}"
    terms.append("(" + " OR ".join([beginning, *(f'"{form}"' for form in _forms(last)[1:])]) + ")")
    return (" OR " if any_word else " AND ").join(terms)


def _tsquery(words: Sequence[str], any_word: bool) -> str:
    *whole, last = words
    terms = ["(" + " | ".join(f"'{form}'" for form in _forms(word)) + ")" for word in whole]
    beginning = f"'{last}':*" + ("AB" if len(last) == 1 else "")
    terms.append("(" + " | ".join([beginning, *(f"'{form}'" for form in _forms(last)[1:])]) + ")")
    return (" | " if any_word else " & ").join(terms)


def _forms(word: str) -> list[str]:
    """The word and, if it looks like an English plural, its singular."""
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return [word, word[:-1]]
    return [word]
