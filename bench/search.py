"""Measures the search against the raw full-text query: python -m bench.search [documents ...]."""

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from bench.database import fresh_site
from bench.table import Row, at_most, report
from tests.guide.search_queries import FIRST

SIZES = (2_900, 100_000)
ROUNDS = 5
HITS = 20
RAW = """SELECT rowid FROM guide_search_index WHERE guide_search_index MATCH ?
    ORDER BY bm25(guide_search_index, 20.0, 10.0, 1.0) LIMIT 20"""


def main(sizes: Sequence[int]) -> None:
    """Load the content into an empty database and let it grow to each size in turn."""
    with fresh_site(with_statics=False):
        report("Search", [row for size in sizes for row in _rows(size)])


def _rows(size: int) -> Iterator[Row]:
    """Search and raw query alternate, so that a busy moment meets both."""
    from guide.search import search

    _grow(size)
    raw = _raw_query()
    times: dict[str, list[float]] = {"search": [], "raw": [], "typing": []}
    for _ in range(ROUNDS + 1):
        for query, _ in FIRST:
            times["raw"].append(_ms(lambda q=query: raw(q)))
            times["search"].append(_ms(lambda q=query: search(q, HITS)))
            times["typing"].append(_ms(lambda q=query: search(q, 8)))
    measured = {name: sorted(values[len(FIRST) :]) for name, values in times.items()}
    p95 = {name: values[int(len(values) * 0.95)] for name, values in measured.items()}
    at = f"at {size:,} documents"
    yield at_most(f"search {at}, p95", p95["search"], "ms", 20)
    yield Row(f"search {at}, median", measured["search"][len(measured["search"]) // 2], "ms")
    yield Row(f"while typing (8 hits) {at}, p95", p95["typing"], "ms")
    yield Row(f"raw FTS5 query {at}, p95", p95["raw"], "ms")
    yield at_most(f"search / raw {at}, p95", p95["search"] / p95["raw"], "x", 3)


def _raw_query() -> Callable[[str], object]:
    from django.db import connection

    from guide.search.folding import query_words

    connection.ensure_connection()
    database = connection.connection

    def raw(query: str) -> object:
        *whole, last = query_words(query)
        expression = " ".join([*(f'"{word}"' for word in whole), f'"{last}"*'])
        return database.execute(RAW, [expression]).fetchall()

    return raw


def _grow(size: int) -> None:
    """Add documents of words drawn as often as the real ones use them, until there are `size`."""
    from guide.models import SearchDocument

    words = " ".join(SearchDocument.objects.values_list("body_words", flat=True)).split()
    names = " ".join(SearchDocument.objects.values_list("title_words", flat=True)).split()
    draw = random.Random(size)
    missing = size - SearchDocument.objects.count()
    for begin in range(0, missing, 1000):
        SearchDocument.objects.bulk_create(
            _document(draw, words, names, f"{size}-{number}")
            for number in range(begin, min(begin + 1000, missing))
        )


def _document(draw: random.Random, words: list[str], names: list[str], slug: str) -> object:
    from guide.models import SearchDocument

    title, body = " ".join(draw.choices(names, k=6)), " ".join(draw.choices(words, k=150))
    return SearchDocument(
        kind="prompt", slug=slug, title=title, body=body, title_words=title, body_words=body
    )


def _ms(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
