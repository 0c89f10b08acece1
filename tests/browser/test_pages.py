"""Every page looks right on every screen, in both themes, to every reader, within its budget."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import PageFactory

pytestmark = pytest.mark.browser
CONTRASTS = sorted((Path(settings.CONTENT_DIR) / "contrasts").glob("*.md"))

PAGES = {
    "home": "/",
    "glossary": "/glossary/",
    "narrowed glossary": "/glossary/?q=token&level=basic",
    "group": "/glossary/group/inference-and-decoding/",
    "definition": "/glossary/inference/",
    "library": "/prompts/",
    "filtered library": "/prompts/?category=writing-editing&tier=S",
    "empty library": "/prompts/?q=zzzzzz",
    "category": "/prompts/category/writing-editing/",
    "shelf": "/prompts/category/writing-editing/plain-language-accessibility/",
    "tag": "/prompts/tag/plain-language/",
    "technique": "/prompts/technique/temperature/",
    "report": "/prompts/official-letter-in-plain-words/report/",
    "versions": "/prompts/official-letter-in-plain-words/versions/",
    "embed": "/embed/prompts/official-letter-in-plain-words/",
    "prompt": "/prompts/official-letter-in-plain-words/",
    "prompt to copy": "/prompts/craftsperson-at-work-portrait/",
    "search": "/search/?q=token",
    "search without hits": "/search/?q=qqqqzzzz",
    "about": "/about/",
    "api": "/api/",
    "saved": "/saved/",
    "not found": "/glossary/no-such-term/",
}
PAGES |= {f"contrast {path.stem}": f"/glossary/{path.stem}/" for path in CONTRASTS[:1]}
WIDEST = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)"
FULL_WIDTH = 1280


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_wrong(new_page: PageFactory, name: str, theme: str) -> None:
    page = new_page(color_scheme=theme, reduced_motion="reduce")
    page.goto(PAGES[name])
    assert violations(page) == []


@pytest.mark.parametrize("width", [360, 768, FULL_WIDTH, 1920])
def test_no_page_scrolls_sideways(new_page: PageFactory, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 800})
    wide = {}
    for name, path in PAGES.items():
        page.goto(path)
        wide[name] = page.evaluate(WIDEST)
    assert {name: found for name, found in wide.items() if found > width} == {}


def test_a_definition_page_keeps_its_budget(new_page: PageFactory) -> None:
    page = new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    urls, sizes = {}, {}
    session.on(
        "Network.responseReceived", lambda e: urls.update({e["requestId"]: e["response"]["url"]})
    )
    session.on(
        "Network.loadingFinished", lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]})
    )
    page.goto("/glossary/inference/", wait_until="networkidle")
    page.locator("[data-bench]").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    loaded = {urls[key]: size for key, size in sizes.items() if key in urls}
    scripts = sum(size for url, size in loaded.items() if ".js" in url)
    assert len(loaded) <= 12, sorted(loaded)
    assert scripts <= 30_000
    assert sum(loaded.values()) <= 80_000


def test_a_definition_page_does_not_shift_while_it_loads(new_page: PageFactory) -> None:
    page = new_page(viewport={"width": 412, "height": 823})
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => {"
        " for (const entry of list.getEntries())"
        " if (!entry.hadRecentInput) window.shift += entry.value; })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto("/glossary/inference/", wait_until="networkidle")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shift") <= 0.01


def test_without_javascript_a_definition_is_complete(new_page: PageFactory) -> None:
    page = new_page(java_script_enabled=False)
    page.goto("/glossary/inference/")
    assert page.locator("#examples .prompt-text").first.is_visible()
    assert page.get_by_text("Live runs need JavaScript").first.is_visible()
    assert not page.locator("[data-run]").first.is_visible()
    page.locator("#faq-2 summary").click()
    assert page.locator("#faq-2 .prose").is_visible()


def test_a_link_to_an_answer_opens_it(page: Page) -> None:
    page.goto("/glossary/inference/#faq-2")
    expect(page.locator("#faq-2")).to_have_attribute("open", "")
    expect(page.locator("#faq-2 .prose")).to_be_in_viewport()


def test_print_leaves_the_machinery_out(page: Page) -> None:
    page.goto("/glossary/inference/")
    page.emulate_media(media="print")
    assert page.locator(".prose").first.is_visible()
    for gone in (".site-header", ".toc", "[data-run]", ".site-footer"):
        assert not page.locator(gone).first.is_visible()
