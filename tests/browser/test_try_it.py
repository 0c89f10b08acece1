"""The Try it panel in a real browser, with the real model: run, watch, stop, reload, share."""

import json
import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PageFactory

pytestmark = pytest.mark.browser

ENDED = re.compile("finished|stopped|failed")
# Every length that the answer had on the screen, noted once a frame.
LENGTHS = """() => {
  const plain = document.querySelector('[data-plain]');
  window.lengths = [];
  new MutationObserver(() => window.lengths.push(plain.textContent.length))
    .observe(plain, { childList: true });
}"""


def bench_of(page: Page, path: str = "/glossary/inference/") -> Locator:
    page.goto(path)
    bench = page.locator("[data-bench]").first
    bench.scroll_into_view_if_needed()
    return bench


def long_bench(page: Page) -> Locator:
    """A panel whose answer takes a while: from the model that never ends by itself."""
    bench = bench_of(page)
    bench.get_by_role("button", name="Settings").click()
    bench.get_by_label("Model").select_option("babbler")
    bench.get_by_label("Longest answer").fill("512")
    return bench


def expect_state(bench: Locator, state: str | re.Pattern[str], patience: float = 40) -> None:
    expect(bench).to_have_attribute("data-state", state, timeout=patience * 1000)


def stored(page: Page) -> dict[str, Any]:
    """The run that the first panel remembers, as the server tells it."""
    address = page.evaluate(
        "Object.entries(sessionStorage).find(([name]) => name.startsWith('run '))[1]"
    )
    run: dict[str, Any] = json.loads(
        page.evaluate("(url) => fetch(url).then((r) => r.text())", address)
    )
    return run


def test_a_reader_fills_a_variable_runs_and_sees_tokens_arrive_one_by_one(page: Page) -> None:
    bench = bench_of(page)
    bench.get_by_role("button", name="Settings").click()
    bench.get_by_label("Model").select_option("babbler")  # our own is done within two frames
    bench.get_by_label("Topic").fill("what a token is")
    page.evaluate(LENGTHS)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "finished")
    lengths = page.evaluate("window.lengths")
    assert len(lengths) >= 5
    assert lengths == sorted(lengths)
    run = stored(page)
    assert run["prompt"] == "Explain what a token is to me like I'm 10 years old."
    assert bench.locator("[data-plain]").text_content() == run["text"]
    expect(bench.locator("[data-formatted]")).to_be_visible()
    expect(bench.locator(".receipt")).to_contain_text(str(run["settings"]["seed"]))
    expect(page.locator("#announce")).to_have_text("Finished. The answer is complete.")
    assert violations(page) == []


def test_stop_waits_for_the_stored_end(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    bench.get_by_role("button", name="Stop").click()
    expect_state(bench, "stopped")
    run = stored(page)
    assert run["state"] == "stopped"
    assert bench.locator("[data-plain]").text_content() == run["text"]
    expect(bench.get_by_role("button", name="Run again")).to_be_focused()


def test_a_reload_in_the_middle_ends_with_the_same_complete_text(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    page.wait_for_timeout(300)
    page.reload()
    expect_state(bench, ENDED)
    run = stored(page)
    assert run["state"] == "succeeded"
    assert len(run["text"]) > 200
    assert bench.locator("[data-plain]").text_content() == run["text"]


def test_a_second_tab_shows_the_same_run(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    second = page.context.new_page()
    second.goto(stored(page)["url"])
    other = second.locator("[data-bench]")
    expect_state(bench, ENDED)
    expect_state(other, ENDED)
    assert (
        other.locator("[data-plain]").text_content() == bench.locator("[data-plain]").text_content()
    )


def test_a_tab_in_the_background_lets_go_of_the_stream_and_catches_up(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    hide = "Object.defineProperty(document, 'hidden', { configurable: true, get: () => %s });"
    tell = "document.dispatchEvent(new Event('visibilitychange'));"
    page.evaluate(hide % "true" + tell)
    page.wait_for_timeout(100)
    before = bench.locator("[data-plain]").text_content()
    page.wait_for_timeout(500)
    assert bench.locator("[data-plain]").text_content() == before
    page.evaluate(hide % "false" + tell)
    expect_state(bench, ENDED)
    assert bench.locator("[data-plain]").text_content() == stored(page)["text"]


def test_the_keyboard_alone_runs_and_stops(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_label("Topic").focus()
    page.keyboard.press("Control+Enter")
    expect_state(bench, "speaking")
    page.keyboard.press("Escape")
    expect_state(bench, "stopped")


def test_a_missing_variable_is_named_at_its_field(page: Page) -> None:
    bench = bench_of(page)
    topic = bench.get_by_label("Topic")
    topic.fill("  ")
    bench.get_by_role("button", name="Try it").click()
    expect(topic).to_be_focused()
    expect(topic).to_have_attribute("aria-invalid", "true")
    expect(bench.get_by_text("Fill in Topic first.")).to_be_visible()
    assert violations(page) == []
    topic.fill("rain")
    expect(bench.get_by_text("Fill in Topic first.")).to_be_hidden()


def test_a_setting_out_of_range_is_explained_at_its_field(page: Page) -> None:
    bench = bench_of(page)
    bench.get_by_role("button", name="Settings").click()
    bench.get_by_label("Seed", exact=True).fill("twelve")
    bench.get_by_role("button", name="Try it").click()
    expect(bench.get_by_text("The seed is a whole number")).to_be_visible()
    assert violations(page) == []


def test_the_same_seed_replays_to_the_same_text(page: Page) -> None:
    bench = bench_of(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "finished")
    first = stored(page)
    bench.get_by_role("button", name="Replay").click()
    expect(bench.locator(".out-state")).to_contain_text("the same text again", timeout=40_000)
    assert stored(page)["id"] != first["id"]
    assert bench.locator("[data-plain]").text_content() == first["text"]


def test_a_token_shows_what_else_was_likely(page: Page) -> None:
    bench = bench_of(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "finished")
    bench.get_by_role("button", name="Tokens").click()
    chips = bench.locator(".token-row .token")
    run = stored(page)
    expect(chips).to_have_count(len(run["tokens"]))
    chips.first.focus()
    page.keyboard.press("ArrowRight")
    expect(chips.nth(1)).to_be_focused()
    token = run["tokens"][1]
    considered = {text for text, *_ in token["a"]} | {token["t"]}
    expect(bench.locator(".rival")).to_have_count(len(considered))
    expect(bench.locator(".rival.is-chosen")).to_have_count(1)
    assert violations(page) == []


def test_a_prompt_too_long_for_the_model_fails_in_words(new_page: PageFactory) -> None:
    page = new_page(color_scheme="dark")
    page.goto("/glossary/inference/")
    bench = page.locator("[data-bench]").last
    bench.get_by_label("Text", exact=True).fill("qx7 zk9 " * 490)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, re.compile("failed|refused"))
    expect(bench.get_by_role("button", name="Try again")).to_be_visible()
    assert violations(page) == []


def test_a_shared_run_opens_for_a_stranger_and_a_private_one_does_not(
    new_page: PageFactory,
) -> None:
    page, stranger = new_page(permissions=["clipboard-read", "clipboard-write"]), new_page()
    bench = bench_of(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "finished")
    run = stored(page)
    answer = stranger.goto(run["url"])
    assert answer is not None
    assert answer.status == 404
    bench.get_by_role("button", name="Share this run").click()
    expect(bench.get_by_role("button", name="Link copied")).to_be_visible()
    stranger.goto(page.evaluate("navigator.clipboard.readText()"))
    expect(stranger.locator("[data-plain]")).to_have_text(run["text"], use_inner_text=False)
    assert stranger.get_by_role("button", name="Share this run").count() == 0
    assert violations(stranger) == []


def test_the_page_does_not_jump_while_the_answer_arrives_nor_when_it_ends(page: Page) -> None:
    bench = bench_of(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, re.compile("queued|reading|speaking"))
    height = bench.evaluate("(panel) => panel.getBoundingClientRect().height")
    expect_state(bench, "finished")
    page.wait_for_timeout(100)
    assert bench.evaluate("(panel) => panel.getBoundingClientRect().height") == height


def test_the_text_is_followed_only_while_the_reader_is_at_its_end(page: Page) -> None:
    bench = long_bench(page)
    bench.get_by_role("button", name="Try it").click()
    expect_state(bench, "speaking")
    box = bench.locator("[data-answer]")
    left = "(box) => box.scrollHeight - box.scrollTop - box.clientHeight"
    end = time.monotonic() + 20
    while box.evaluate("(box) => box.scrollHeight - box.clientHeight") < 60:
        assert time.monotonic() < end
    assert box.evaluate(left) <= 32
    box.evaluate("(box) => { box.scrollTop = 0; }")
    page.wait_for_timeout(300)
    assert box.evaluate("(box) => box.scrollTop") == 0


def test_what_needs_eyes_offers_a_copy_instead_of_a_run(page: Page) -> None:
    page.goto("/glossary/inference/")
    bench = page.locator("#example-2 [data-bench]")
    assert bench.get_by_role("button", name="Try it").count() == 0
    expect(bench.get_by_text("needs a model that sees images")).to_be_visible()
    expect(bench.get_by_role("button", name="Copy")).to_be_visible()
