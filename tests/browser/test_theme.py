"""Light and dark: the system's choice first, the reader's choice for good, before the first paint."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import PageFactory

TOKENS = Path(__file__).resolve().parents[2] / "static" / "css" / "tokens.css"
BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def test_dark_is_the_same_with_and_without_the_script() -> None:
    blocks = re.findall(r"color-scheme: dark;(.*?)\}", TOKENS.read_text(encoding="utf-8"), re.S)
    by_script, by_system = (sorted(line.split()) for line in blocks)
    assert by_script == by_system


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
        page.wait_for_function(f"document.documentElement.dataset.theme === '{theme}'")
