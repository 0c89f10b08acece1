"""Measures the definition page in Django alone: python -m bench.pages (uses the loaded content)."""

import gzip
import statistics
import time

from bench.database import fresh_site
from bench.table import Row, at_most, report

ROUNDS = 300
PATH = "/glossary/inference/"
# Pages that are rendered anew, each so many times: every kind that the glossary has.
ANEW = 60


def main() -> None:
    with fresh_site():
        report("Pages", rows())


def server_ms(
    client, path: str, *, is_kept: bool = True, rounds: int = ROUNDS, warm_up: int = 20
) -> list[float]:
    """Sorted milliseconds; without `is_kept` the memory of rendered pages is emptied each time."""
    from guide.public_page import memory

    times = []
    for _ in range(rounds):
        if not is_kept:
            memory.clear()
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    return sorted(times[warm_up:])


def all_definitions_ms(client) -> list[float]:
    """The median of each definition page, sorted."""
    from guide.models import Definition

    paths = [row.get_absolute_url() for row in Definition.objects.published().only("slug")]
    few = {"is_kept": False, "rounds": 5, "warm_up": 0}
    return sorted(statistics.median(server_ms(client, path, **few)) for path in paths)


def lists() -> list[str]:
    """A contrast, a group and the index: what else the glossary renders."""
    from guide.models import Contrast, Group

    pages = [Contrast.objects.published().first(), Group.objects.first()]
    return [page.get_absolute_url() for page in pages if page] + ["/glossary/"]


def rows() -> list[Row]:
    from django.conf import settings
    from django.test import Client

    host = settings.ALLOWED_HOSTS[0]
    client = Client(headers={"host": host, "accept-encoding": "gzip"})
    measured = {
        path: server_ms(client, path)
        for path in (PATH, "/", "/glossary/", "/prompts/", "/prompts/?tier=S&risk=none&q=letter")
    }
    page = client.get(PATH)
    is_gzipped = page.headers.get("Content-Encoding") == "gzip"
    size = len(page.content) if is_gzipped else len(gzip.compress(page.content))
    definition, rendered = measured[PATH], server_ms(client, PATH, is_kept=False)
    every = all_definitions_ms(client)
    table = [
        at_most("definition page rendered, median", statistics.median(rendered), "ms", 15),
        at_most(f"the same, {len(every)} definitions", statistics.median(every), "ms", 15),
        Row("the slowest definition", every[-1], "ms"),
        Row("definition page rendered, p95", rendered[int(len(rendered) * 0.95)], "ms"),
        Row("definition page from memory, median", statistics.median(definition), "ms"),
        Row("definition page, HTML compressed", size / 1024, "KB"),
    ]
    for path in lists():
        times = server_ms(client, path, is_kept=False, rounds=ANEW)
        table.append(Row(f"{path} rendered, median", statistics.median(times), "ms"))
    for path, times in measured.items():
        if path != PATH:
            table.append(Row(f"{path} from memory, median", statistics.median(times), "ms"))
    return table


if __name__ == "__main__":
    main()
