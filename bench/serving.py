"""Measures live runs over a real socket: python -m bench.serving (starts a site of its own)."""

import itertools
import json
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from bench.table import Row, at_least, at_most, report
from tests.babbler import write_catalogue
from tests.site import Browser, Site

ROUNDS = 15
LONG = {"text": "What is inference?", "temperature": "1.5", "max_tokens": "200"}
# Every answer of this model has the length asked for, so that runs can be compared.
ENDLESS = {"text": "Talk.", "model": "babbler"}


@dataclass(frozen=True, slots=True)
class Measured:
    """One run as its reader saw it; seconds from the POST."""

    first_s: float
    total_s: float
    tokens: int
    arrivals: int
    gaps_s: tuple[float, ...]


def measure(browser: Browser, **fields: str) -> Measured:
    start = time.perf_counter()
    run = browser.ask(**fields)
    arrivals: list[float] = []
    tokens, name = 0, ""
    with browser.http.stream("GET", str(run["events"])) as answer:
        for line in answer.iter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                name = value
            elif key == "data" and name == "delta":
                arrivals.append(time.perf_counter() - start)
                tokens += len(json.loads(value)["tokens"])
    total = time.perf_counter() - start
    gaps = tuple(b - a for a, b in itertools.pairwise(arrivals))
    return Measured(arrivals[0], total, tokens, len(set(arrivals)), gaps)


def longest(browser: Browser, rounds: int, length: str) -> list[Measured]:
    """Several runs one after the other, with other seeds; the first is a warm-up and dropped."""
    settings = LONG | {"max_tokens": length}
    return [measure(browser, **settings, seed=str(seed)) for seed in range(rounds + 1)][1:]


def together(site: Site, count: int, length: str) -> float:
    """Seconds until `count` simultaneous runs have all ended."""
    browsers = [site.browser() for _ in range(count)]
    settings = ENDLESS | {"max_tokens": length}
    threads = [
        threading.Thread(target=measure, args=(browser,), kwargs=settings | {"seed": str(seed)})
        for seed, browser in enumerate(browsers)
    ]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def has_torch(pid: int) -> bool:
    return "libtorch" in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8")


def rows(site: Site) -> list[Row]:
    browser = site.browser()
    runs = longest(browser, ROUNDS, "200")
    whole = max(runs, key=lambda run: run.tokens)
    gaps = sorted(gap for run in runs for gap in run.gaps_s)
    first = statistics.median(run.first_s for run in runs)
    lone, six = [], []
    together(site, 6, "20")
    for _ in range(5):
        lone.append(together(site, 1, "150"))
        six.append(together(site, 6, "150"))
    ratio = statistics.median(b / a for a, b in zip(lone, six, strict=True))
    web, worker = site.children("uvicorn")[0], site.children("model.embedded")[0]
    return [
        at_most("POST to first token, median", first * 1000, "ms", 150),
        at_most("first token / total, longest run", whole.first_s / whole.total_s, "", 0.2),
        Row("tokens of the longest run", whole.tokens, ""),
        at_least("distinct arrival times / tokens", whole.arrivals / whole.tokens, "", 0.5),
        Row("gap between arrivals, p95", gaps[int(len(gaps) * 0.95)] * 1000, "ms"),
        Row("tokens per second, one reader", whole.tokens / whole.total_s, "tok/s"),
        at_most("six runs of 150 tokens together / one alone, median of 5", ratio, "x", 2.5),
        at_most("web process, resident", resident_mb(web), "MB", 200),
        Row("web process has torch mapped", float(has_torch(web)), "", "0", not has_torch(web)),
        at_most("worker process, resident", resident_mb(worker), "MB", 1200),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        catalogue = write_catalogue(Path(folder))
        site = Site(Path(folder), {"MODELS_FILE": str(catalogue)})
        site.start()
        try:
            report("Serving", rows(site))
        finally:
            site.stop()


if __name__ == "__main__":
    main()
