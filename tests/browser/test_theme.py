"""Light and dark: the system's choice first, then the reader's, always before the first paint."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageFactory

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_dark_is_the_same_with_and_without_the_script() -> None:
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", TOKENS.read_text(encoding="utf-8"), re.S)
    by_script, by_system = (sorted(line.split()) for line in blocks)
    assert by_script == by_system


def _colours(theme: str) -> dict[str, str]:
    text = TOKENS.read_text(encoding="utf-8")
    block = text.split(f"color-scheme: {theme};", 1)[1].split("}", 1)[0]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_body_text_has_a_contrast_of_seven_and_everything_else_of_four_and_a_half(
    theme: str,
) -> None:
    colours = _colours(theme)
    grounds = ("paper", "surface", "sunken")
    pairs = {(text, ground): 7.0 for text in ("ink", "ink-2") for ground in grounds}
    pairs |= {(text, ground): 4.5 for text in ("ink-3", "accent", "danger") for ground in grounds}
    pairs |= {
        ("ink", "accent-wash"): 7.0,
        ("accent", "accent-wash"): 4.5,
        ("warn", "warn-wash"): 4.5,
    }
    pairs |= {("on-accent", "accent"): 4.5, ("danger", "danger-wash"): 4.5}
    pairs |= {("ink", f"sure-{step}"): 4.5 for step in range(1, 6)}
    found = {pair: _contrast(*(colours[name] for name in pair)) for pair in pairs}
    assert {pair: ratio for pair, ratio in found.items() if ratio < pairs[pair]} == {}


@pytest.mark.browser
def test_the_system_decides_until_the_reader_does(new_page: PageFactory) -> None:
    page = new_page(color_scheme="dark")
    page.goto("/about/")
    dark = page.evaluate(BACKGROUND)
    page.get_by_role("button", name="Switch between light and dark").click()
    assert page.evaluate(BACKGROUND) != dark
    assert page.locator("html").get_attribute("data-theme") == "light"


@pytest.mark.browser
def test_the_choice_is_there_before_the_first_paint_of_the_next_page(new_page: PageFactory) -> None:
    page = new_page(color_scheme="light")
    page.goto("/about/")
    page.get_by_role("button", name="Switch between light and dark").click()
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => {}, true);"
        "new MutationObserver(() => { if (document.body && !window.first)"
        " window.first = document.documentElement.dataset.theme; })"
        ".observe(document, { childList: true, subtree: true });"
    )
    page.goto("/glossary/")
    assert page.evaluate("window.first") == "dark"


@pytest.mark.browser
def test_the_page_follows_the_system_while_nothing_was_chosen(page: Page) -> None:
    page.goto("/about/")
    for theme in ("dark", "light"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
