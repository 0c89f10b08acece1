"""The glossary narrows while somebody types, exactly as it does without a script."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageFactory

pytestmark = pytest.mark.browser
SHOWN = "[...document.querySelectorAll('[data-term]:not([hidden])')].map(e => e.dataset.term)"


def shown(page: Page) -> list[str]:
    terms: list[str] = page.evaluate(SHOWN)
    return terms


@pytest.mark.parametrize(
    ("words", "level", "group"),
    [
        ("kv", "", ""),
        ("TOKÉN", "", ""),
        ("model", "basic", ""),
        ("", "intermediate", "inference-and-decoding"),
        ("zzz", "", ""),
    ],
)
def test_typing_narrows_as_the_form_does(
    new_page: PageFactory, words: str, level: str, group: str
) -> None:
    typed = new_page()
    typed.goto("/glossary/")
    typed.get_by_label("Words").fill(words)
    typed.get_by_label("Level").select_option(level)
    typed.get_by_label("Group").select_option(group)
    sent = new_page(java_script_enabled=False)
    sent.goto("/glossary/")
    sent.get_by_label("Words").fill(words)
    sent.get_by_label("Level").select_option(level)
    sent.get_by_label("Group").select_option(group)
    sent.get_by_role("button", name="Filter").click()
    assert shown(typed) == shown(sent)
    assert typed.locator("[data-total]").inner_text() == sent.locator("[data-total]").inner_text()
    for text in typed.locator("[data-count]:visible").all_inner_texts():
        assert int(text) > 0
    letters = [page.locator("[data-to]:visible").all_inner_texts() for page in (typed, sent)]
    assert letters[0] == letters[1]
    expect(typed.locator("[data-none]")).to_be_visible(visible=not shown(typed))


def test_the_address_keeps_what_was_typed(page: Page) -> None:
    page.goto("/glossary/")
    page.get_by_label("Words").fill("token")
    expect(page).to_have_url("/glossary/?q=token")
    before = shown(page)
    page.reload()
    assert shown(page) == before
    page.get_by_label("Words").fill("")
    assert len(shown(page)) > len(before)
    expect(page).to_have_url("/glossary/")


def test_a_contrast_reads_well_on_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto("/glossary/")
    first = page.locator("[data-pair] a")
    if not first.count():
        pytest.skip("this content has no contrast")
    first.first.click()
    cells = page.locator(".versus tbody tr").first.locator("th, td")
    aspect, left, right = (cells.nth(number).bounding_box() for number in range(3))
    assert aspect is not None
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"] > aspect["y"]
    assert min(left["width"], right["width"]) > 130
    assert page.get_by_role("columnheader").count() == 2
    assert page.get_by_role("rowheader").count() >= 5
    assert page.locator("[data-bench]").count() == 2
