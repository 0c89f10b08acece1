"""A prompt page judges values as the server does, and shows the filled prompt within a frame."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

VALUES = json.loads(
    (Path(__file__).resolve().parents[1] / "guide" / "value_cases.json").read_text("utf-8")
)
JUDGE = """async (cases) => {
  const { problemWith } = await import('/static/js/rules.js');
  return cases.map(({ variable, value }) => problemWith(variable, value));
}"""
LETTER = "/prompts/official-letter-in-plain-words/"
FRAME = """async () => {
  const field = document.querySelector('[data-variable]');
  const preview = document.querySelector('[data-filled]');
  const late = [];
  for (let round = 0; round < 30; round += 1) {
    await new Promise(requestAnimationFrame);
    field.value = `value ${round} ` + 'word '.repeat(600);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    await new Promise(requestAnimationFrame);
    if (!preview.textContent.includes(`value ${round} `)) late.push(round);
  }
  return late;
}"""


def test_the_browser_judges_every_value_as_the_server_does(page: Page) -> None:
    page.goto("/about/")
    assert page.evaluate(JUDGE, VALUES) == [case["problem"] for case in VALUES]


def test_a_wrong_value_is_named_at_its_field_before_anything_is_sent(page: Page) -> None:
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.goto(LETTER)
    letter = page.locator("[data-variable=letter]")
    letter.fill("  ")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("Fill in Letter first.")).to_be_visible()
    expect(letter).to_be_focused()
    letter.fill("Dear customer")
    expect(page.get_by_text("Fill in Letter first.")).to_be_hidden()
    assert "POST" not in sent


def test_the_preview_is_there_in_the_next_frame(page: Page) -> None:
    page.goto(LETTER, wait_until="networkidle")
    assert page.evaluate(FRAME) == []


def test_shared_values_never_reach_the_server(page: Page) -> None:
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{LETTER}#v.sender=a+secret+name", wait_until="networkidle")
    expect(page.get_by_label("Sender")).to_have_value("a secret name")
    assert asked
    assert not any("secret" in url.partition("#")[0] for url in asked)
