"""The whole way over a real socket: page, queue, worker, engine, Redis, event stream."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.site import Browser, Site

LONG = {"text": "Talk.", "model": "babbler", "max_tokens": "150", "seed": "3"}


def read_events(
    browser: Browser, url: str, last: str = ""
) -> Iterator[tuple[str, str, dict[str, object]]]:
    """(id, name, data) of every event until the connection ends."""
    event_id = name = ""
    with browser.http.stream("GET", f"{url}&last={last}" if last else url) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        for line in answer.iter_lines():
            key, _, value = line.partition(": ")
            if key == "id":
                event_id = value
            elif key == "event":
                name = value
            elif key == "data":
                yield event_id, name, json.loads(value)


def text_of(events: list[tuple[str, str, dict[str, object]]]) -> str:
    return "".join(str(data["text"]) for _, name, data in events if name == "delta")


def test_tokens_arrive_while_the_answer_is_being_written(site: Site):
    browser = site.browser()
    start = time.perf_counter()
    run = browser.ask(**LONG)
    arrivals, tokens, end = [], 0, 0.0
    for _, name, data in read_events(browser, str(run["events"])):
        if name == "delta":
            arrivals.append(time.perf_counter() - start)
            tokens += len(data["tokens"])
        end = time.perf_counter() - start
    assert tokens == 150
    assert arrivals[0] / end < 0.5
    assert len(set(arrivals)) / tokens >= 0.5


def test_stream_row_and_page_hold_the_same_text(site: Site):
    browser = site.browser()
    run = browser.ask(**LONG)
    events = list(read_events(browser, str(run["events"])))
    stored = browser.run(run["id"])
    assert stored["state"] == "succeeded"
    assert text_of(events) == stored["text"]
    assert "".join(token["t"] for token in stored["tokens"]) == stored["text"]
    assert events[-1][1] == "succeeded"
    assert sum(name in ("succeeded", "failed", "stopped") for _, name, _ in events) == 1


def test_a_reader_resumes_after_the_last_event_it_saw(site: Site):
    browser = site.browser()
    run = browser.ask(**LONG)
    seen = []
    for event in read_events(browser, str(run["events"])):
        seen.append(event)
        if len(seen) == 6:
            break
    rest = list(read_events(browser, str(run["events"]), last=seen[-1][0]))
    assert text_of(seen + rest) == browser.run(run["id"])["text"]
    ids = [event_id for event_id, _, _ in seen + rest]
    assert len(ids) == len(set(ids))


def test_two_tabs_see_the_same_text(site: Site):
    browser = site.browser()
    run = browser.ask(**LONG)
    texts: list[str] = []

    def read() -> None:
        texts.append(text_of(list(read_events(browser, str(run["events"])))))

    tabs = [threading.Thread(target=read) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join(60)
    assert texts[0] == texts[1] == browser.run(run["id"])["text"]


def test_a_latecomer_reads_the_whole_answer(site: Site):
    browser = site.browser()
    run = browser.ask(**LONG)
    ended = browser.wait_for_end(run["id"])
    assert text_of(list(read_events(browser, str(run["events"])))) == ended["text"]


def test_stop_ends_a_run_within_a_second_and_keeps_its_text(site: Site):
    browser = site.browser()
    run = browser.ask(**(LONG | {"max_tokens": "512"}))
    events = []
    asked = 0.0
    for event in read_events(browser, str(run["events"])):
        events.append(event)
        if event[1] == "delta" and not asked:
            asked = time.perf_counter()
            assert browser.post(str(run["stop"])).status_code == 202
    assert time.perf_counter() - asked < 2
    stored = browser.run(run["id"])
    assert events[-1][1] == "stopped"
    assert (stored["state"], stored["finish_reason"]) == ("stopped", "stopped")
    assert stored["text"] == text_of(events)


def test_the_same_seed_gives_the_same_text_alone_and_in_company(site: Site):
    browser = site.browser()
    alone = browser.wait_for_end(browser.ask(**LONG)["id"])
    crowd = [site.browser() for _ in range(4)]
    others = [
        (other, other.ask(text=f"Talk of {number}.", model="babbler", max_tokens="60"))
        for number, other in enumerate(crowd)
    ]
    again = browser.wait_for_end(browser.ask(**LONG)["id"])
    for other, run in others:
        other.wait_for_end(run["id"])
    assert again["text"] == alone["text"]


def test_a_replay_says_that_the_text_is_the_same(site: Site):
    browser = site.browser()
    first = browser.ask(text="What is a token?", max_tokens="30")
    browser.wait_for_end(first["id"])
    replay = browser.post(f"/runs/{first['id']}/replay").json()
    ended = browser.wait_for_end(replay["id"])
    assert ended["replay_matches"] is True
    assert ended["replay_of"] == first["id"]


def test_the_stream_of_another_browser_is_404(site: Site):
    owner, stranger = site.browser(), site.browser()
    run = owner.ask(**LONG)
    assert stranger.http.get(f"/runs/{run['id']}.json").status_code == 404
    for ticket in ("", "x", "1:2:3"):
        answer = stranger.http.get(f"/runs/{run['id']}/events?ticket={ticket}")
        assert answer.status_code == 404
    owner.wait_for_end(run["id"])


def test_another_site_may_not_read_the_stream(site: Site):
    browser = site.browser()
    run = browser.ask(**LONG)
    answer = browser.http.get(str(run["events"]), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    browser.wait_for_end(run["id"])


def test_one_address_cannot_hold_all_streams(site: Site):
    browser = site.browser()
    run = browser.ask(**(LONG | {"max_tokens": "512"}))
    with ExitStack() as open_streams:
        codes = [
            open_streams.enter_context(browser.http.stream("GET", str(run["events"]))).status_code
            for _ in range(10)
        ]
    assert codes.count(429) >= 1
    assert set(codes) <= {200, 429}
    browser.post(str(run["stop"]))
    browser.wait_for_end(run["id"])


@pytest.mark.parametrize("size", [200_000, 10_000_000])
def test_a_huge_body_is_413_in_words(site: Site, size: int):
    browser = site.browser()
    answer = browser.post("/runs/", text="x" * size)
    assert answer.status_code == 413
    assert "KB" in answer.json()["error"]["message"]


def test_a_huge_chunked_body_is_413_too(site: Site):
    browser = site.browser()

    def chunks() -> Iterator[bytes]:
        yield b"text="
        for _ in range(40):
            yield b"x" * 10_000

    answer = browser.http.post(
        "/runs/",
        content=chunks(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": browser.csrf,
            "Accept": "application/json",
        },
    )
    assert answer.status_code == 413


def test_six_readers_share_one_batch(site: Site):
    browsers = [site.browser() for _ in range(6)]
    runs = [
        (browser, browser.ask(**(LONG | {"max_tokens": "60", "seed": str(seed)})))
        for seed, browser in enumerate(browsers)
    ]
    ended = [browser.wait_for_end(run["id"]) for browser, run in runs]
    assert all(run["state"] == "succeeded" for run in ended)
