"""Saved prompts live in the browser: kept, gathered, taken along, brought back, never sent."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PageFactory

pytestmark = pytest.mark.browser
LETTER = "/prompts/official-letter-in-plain-words/"
TITLE = "Turn an official letter into plain words"
GOOD = {
    "version": 1,
    "favourites": [{"slug": "a-poem", "title": "A poem", "description": "<b>Lines</b>"}],
    "collections": [{"name": "School", "prompts": [{"slug": "a-poem", "title": "A poem"}]}],
}


def bring_in(page: Page, text: str) -> None:
    file = {"name": "saved.json", "mimeType": "application/json", "buffer": text.encode()}
    page.locator("[data-import]").set_input_files(file)  # type: ignore[arg-type]


def test_a_saved_prompt_is_listed_until_it_is_removed(page: Page) -> None:
    page.goto("/saved/")
    expect(page.get_by_text("Nothing saved yet.")).to_be_visible()
    page.goto(LETTER)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="Saved", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.goto("/saved/")
    expect(page.get_by_role("link", name=TITLE)).to_have_attribute("href", LETTER)
    page.get_by_role("button", name=f"Remove {TITLE}").click()
    expect(page.get_by_text("Nothing saved yet.")).to_be_visible()


def test_a_collection_is_made_renamed_and_deleted(page: Page) -> None:
    page.goto(LETTER)
    page.get_by_text("Add to a collection").click()
    page.get_by_label("Name of the collection").fill("Letters")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Added to Letters.").first).to_be_visible()
    page.goto("/saved/")
    page.get_by_role("button", name="Rename Letters").click()
    page.get_by_label("New name").fill("Post")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Post")).to_be_visible()
    page.get_by_role("button", name="Delete Post").click()
    expect(page.get_by_text("No collection yet.")).to_be_visible()


def test_what_was_run_is_listed_and_nothing_is_sent(page: Page) -> None:
    page.goto(LETTER)
    page.get_by_role("button", name="Try it").click()
    expect(page.locator("[data-bench]")).to_have_attribute("data-state", "finished")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    page.goto("/saved/", wait_until="networkidle")
    expect(page.locator("[data-recent]").get_by_role("link", name=TITLE)).to_be_visible()
    page.context.set_offline(True)
    bring_in(page, json.dumps(GOOD))
    expect(page.locator("[data-favourites]").get_by_role("link", name="A poem")).to_be_visible()
    assert not [line for line in asked if not line.startswith("GET")]


def test_a_file_goes_out_and_comes_back(page: Page, new_page: PageFactory, tmp_path: Path) -> None:
    page.goto("/saved/")
    bring_in(page, json.dumps(GOOD))
    expect(
        page.get_by_text("saved.json was brought in: 1 saved, 1 collections.").first
    ).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Take along as a file").click()
    path = tmp_path / "out.json"
    download.value.save_as(path)
    other = new_page()
    other.goto("/saved/")
    bring_in(other, path.read_text("utf-8"))
    expect(other.locator("[data-collections]").get_by_role("link", name="A poem")).to_be_visible()
    assert other.locator("[data-favourites] b").count() == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("not json", "It is no JSON."),
        ("[]", "This is no collection of saved prompts."),
        ('{"version": 2}', "its version is not 1."),
        ('{"version": 1, "favourites": {}}', "the favourites must be a list."),
        ('{"version": 1, "favourites": [{"slug": "../x", "title": "X"}]}', "has no slug"),
        ('{"version": 1, "favourites": [{"slug": "x"}]}', "(x) has no title."),
        ('{"version": 1, "collections": [{"prompts": []}]}', "Collection 1 has no name."),
        (json.dumps(GOOD | {"favourites": [GOOD["favourites"]] * 2001}), "2000 is the most."),
    ],
)
def test_a_file_that_does_not_fit_is_refused_in_words(page: Page, text: str, sentence: str) -> None:
    page.goto("/saved/")
    bring_in(page, text)
    said = page.locator("[data-said]")
    expect(said).to_contain_text("saved.json was not brought in.")
    expect(said).to_contain_text(sentence)
    expect(page.get_by_text("Nothing saved yet.")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_full_page_has_nothing_wrong_for_axe(new_page: PageFactory, theme: str) -> None:
    page = new_page(color_scheme=theme, reduced_motion="reduce")
    page.goto("/saved/")
    bring_in(page, json.dumps(GOOD))
    expect(page.get_by_role("heading", name="School")).to_be_visible()
    assert violations(page) == []
