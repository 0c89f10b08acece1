"""The browser fills variables by the rules of the server, and shows it while somebody types."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CASES = json.loads(
    (Path(__file__).resolve().parents[1] / "guide" / "variables_cases.json").read_text("utf-8")
)
FILL = """async (cases) => {
  const { fill, find } = await import('/static/js/fill.js');
  return cases.map(({ template, values }) =>
    ({ names: find(template), filled: fill(template, values) }));
}"""
LETTER = "/prompts/official-letter-in-plain-words/"


def test_the_browser_fills_every_case_as_the_server_does(page: Page) -> None:
    page.goto("/about/")
    found = page.evaluate(FILL, CASES)
    expected = [{"names": case["names"], "filled": case["filled"]} for case in CASES]
    assert found == expected


def test_the_preview_follows_every_key(page: Page) -> None:
    page.goto(LETTER)
    page.get_by_label("Sender").fill("my $bank [letter] \\ Ünïcode")
    expect(page.locator("[data-filled]")).to_contain_text("from my $bank [letter] \\ Ünïcode.")


def test_copy_gives_the_filled_prompt_and_copy_template_the_blanks(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(LETTER)
    page.get_by_label("Sender").fill("the tax office")
    page.get_by_role("button", name="Copy filled").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "a letter from the tax office." in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Copy template").click()
    page.wait_for_function(
        "navigator.clipboard.readText().then((text) => text.includes('[sender]'))"
    )


def test_a_shared_link_carries_values_and_settings(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(LETTER)
    page.get_by_label("Sender").fill("A & B = C # d")
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Temperature").fill("1.5")
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_label("Sender")).to_have_value("A & B = C # d")
    expect(page.locator("[name=temperature]")).to_have_value("1.5")
    expect(page.locator("[data-filled]")).to_contain_text("A & B = C # d")


def test_open_in_takes_the_filled_prompt_along(page: Page) -> None:
    page.goto(LETTER)
    page.get_by_label("Sender").fill("the zoo & sons")
    expect(page.locator("[data-open-in]").first).to_have_attribute(
        "href", re.compile("zoo%20%26%20sons")
    )
