"""A connection that breaks in the middle of an answer: said in words, and nothing is lost."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.test_try_it import ENDED, expect_state, long_bench, stored
from tests.site import Site

pytestmark = pytest.mark.browser


def test_a_web_server_that_dies_in_the_middle_costs_no_text(page: Page, site: Site) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    site.kill("uvicorn")
    expect_state(bench, "reconnecting")
    expect(bench.locator(".out-state")).to_contain_text("Nothing is lost.")
    assert violations(page) == []
    expect_state(bench, ENDED)
    run = stored(page)
    assert run["state"] == "succeeded"
    assert bench.locator("[data-plain]").text_content() == run["text"]


def test_a_lost_network_for_three_seconds_costs_no_text(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    page.context.set_offline(True)
    page.wait_for_timeout(3000)
    page.context.set_offline(False)
    expect_state(bench, ENDED)
    run = stored(page)
    assert run["state"] == "succeeded"
    assert bench.locator("[data-plain]").text_content() == run["text"]
