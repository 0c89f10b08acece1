"""Measures the prompt library: lists, files and loading (python -m bench.library)."""

import statistics
import time

from bench.database import fresh_site
from bench.table import Row, at_most, report

ROUNDS = 60
LISTS = {
    "three facets on": "/prompts/?tier=S&risk=none&audience=everyone",
    "three facets and words": "/prompts/?tier=S&risk=none&audience=everyone&q=letter",
    "the whole library": "/prompts/",
    "a category": "/prompts/category/writing-editing/",
}


def main() -> None:
    with fresh_site(with_content=False):
        report("Library", [*load_rows(), *list_rows()])


def load_rows() -> list[Row]:
    from django.core.management import call_command

    from guide.models import Prompt

    times = []
    for _ in range(2):
        start = time.perf_counter()
        call_command("load_content", verbosity=0)
        times.append(time.perf_counter() - start)
    return [
        Row("prompts", Prompt.objects.count(), ""),
        at_most("load of everything, cold", times[0], "s", 25),
        at_most("load when nothing changed", times[1], "s", 5),
    ]


def list_rows() -> list[Row]:
    from django.conf import settings
    from django.test import Client

    from guide.public_page import memory

    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    rows = []
    for name, path in LISTS.items():
        times, size = [], 0
        for _ in range(ROUNDS):
            memory.clear()
            start = time.perf_counter()
            answer = client.get(path)
            times.append((time.perf_counter() - start) * 1000)
            assert answer.status_code == 200, path
            size = len(answer.content)
        rows.append(at_most(f"{name}, rendered anew, median", statistics.median(times), "ms", 30))
        rows.append(at_most(f"{name}, HTML", size / 1024, "KB", 200))
    return rows


if __name__ == "__main__":
    main()
