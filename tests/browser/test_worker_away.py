"""The panel while the worker does not answer: queued, limited, and away, each in words."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import PageFactory
from tests.browser.test_try_it import bench_of, expect_state
from tests.site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def frozen_worker(site: Site) -> Iterator[None]:
    """A worker that hangs: it still counts as present for some seconds, but takes nothing."""
    workers = site.children("celery")
    assert workers
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    yield
    for pid in workers:
        os.kill(pid, signal.SIGCONT)


def test_a_queue_a_limit_and_an_absent_worker_are_all_said_in_words(
    new_page: PageFactory, frozen_worker: None
) -> None:
    page = new_page()
    bench, last = bench_of(page), page.locator("[data-bench]").last
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "queued")
    expect(bench.locator(".out-state")).to_contain_text("in the queue")
    last.get_by_role("button", name="Try it").click()
    expect_state(last, "queued")
    third = page.context.new_page()
    third_bench = bench_of(third)
    third_bench.get_by_role("button", name="Try it").click()
    expect_state(third_bench, "limited")
    expect(third_bench.locator("[data-count]")).to_contain_text("You can run again in")
    assert violations(third) == []
    third.close()
    for panel in (bench, last):
        panel.get_by_role("button", name="Leave queue").click()
        expect_state(panel, "stopped")
    expect_absent(new_page)


def expect_absent(new_page: PageFactory) -> None:
    page = new_page(color_scheme="dark")
    end = time.monotonic() + 20
    while page.request.get("/runs/ready").json()["ready"] and time.monotonic() < end:
        time.sleep(0.25)
    bench = bench_of(page)
    expect_state(bench, "away")
    expect(bench.get_by_text("The model is not running at the moment.")).to_be_visible()
    expect(bench.get_by_role("button", name="Check again")).to_be_visible()
    assert violations(page) == []
