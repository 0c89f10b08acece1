"""Search as you type: quick, by keyboard alone, and still a plain form underneath."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations

pytestmark = pytest.mark.browser

# From the key to the frame after the list has changed.
WATCH = """() => {
  const field = document.getElementById('header-search');
  window.waits = [];
  let pressed = 0;
  field.addEventListener('input', () => { pressed = performance.now(); });
  new MutationObserver(() => requestAnimationFrame(() => {
    if (pressed) window.waits.push(performance.now() - pressed);
    pressed = 0;
  })).observe(field.form, { childList: true, subtree: true });
}"""


def test_slash_focuses_the_search_and_arrows_choose(page: Page) -> None:
    page.goto("/glossary/")
    page.keyboard.press("/")
    field = page.get_by_role("combobox", name="Search definitions and prompts")
    expect(field).to_be_focused()
    page.keyboard.type("infer", delay=40)
    expect(page.get_by_role("option").first).to_contain_text("Inference")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/glossary/inference/")


def test_results_are_painted_within_100_ms_after_a_key(page: Page) -> None:
    page.goto("/glossary/")
    page.locator("#header-search").focus()
    page.keyboard.type("t")
    expect(page.get_by_role("option").first).to_be_visible()
    page.evaluate(WATCH)
    for key in "oken":
        page.keyboard.type(key)
        page.wait_for_timeout(250)
    waits = sorted(page.evaluate("window.waits"))
    assert len(waits) >= 3
    assert waits[1] <= 100, waits


def test_escape_closes_the_list_and_enter_opens_the_page(page: Page) -> None:
    page.goto("/glossary/")
    field = page.locator("#header-search")
    field.fill("token")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=token")


def test_markup_in_a_query_stays_text(page: Page) -> None:
    page.goto("/search/?q=" + "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
    assert page.locator("main img").count() == 0
    page.locator("#page-search").fill("<b>token</b>")
    expect(page.get_by_role("listbox")).to_be_visible()
    assert page.locator("[role=listbox] b").count() == 0


def test_the_glossary_narrows_while_somebody_types(page: Page) -> None:
    page.goto("/glossary/")
    words = page.get_by_label("Words")
    words.fill("kv ca")
    expect(page.locator(".terms li:visible").first).to_contain_text("KV cache")
    words.fill("zzzz")
    expect(page.get_by_text("No term fits.")).to_be_visible()
    page.keyboard.press("Escape")
    assert page.locator(".terms li:visible").count() >= 14
