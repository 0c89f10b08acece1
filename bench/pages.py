"""Measures the definition page in Django alone: python -m bench.pages (uses the loaded content)."""

import gzip
import os
import statistics
import tempfile
import time

from bench.table import Row, at_most, report

ROUNDS = 300
PATH = "/glossary/inference/"


def main() -> None:
    folder = tempfile.TemporaryDirectory()
    os.environ["DATA_DIR"] = folder.name
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("load_content", verbosity=0)
    report("Pages", rows())
    folder.cleanup()


def server_ms(client, path: str, *, is_kept: bool = True) -> list[float]:
    """Sorted milliseconds; without `is_kept` the memory of rendered pages is emptied each time."""
    from guide.public_page import memory

    times = []
    for _ in range(ROUNDS):
        if not is_kept:
            memory.clear()
        start = time.perf_counter()
        answer = client.get(path)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, (path, answer.status_code)
    return sorted(times[20:])


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
    table = [
        at_most("definition page rendered, median", statistics.median(rendered), "ms", 15),
        Row("definition page rendered, p95", rendered[int(len(rendered) * 0.95)], "ms"),
        Row("definition page from memory, median", statistics.median(definition), "ms"),
        Row("definition page, HTML compressed", size / 1024, "KB"),
    ]
    for path, times in measured.items():
        if path != PATH:
            table.append(Row(f"{path} from memory, median", statistics.median(times), "ms"))
    return table


if __name__ == "__main__":
    main()
