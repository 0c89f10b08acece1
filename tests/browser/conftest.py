"""A real Chromium in front of the real site; every page reports errors and CSP violations."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import CHROMIUM
from tests.site import Site

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PageFactory = Callable[..., Page]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    assert CHROMIUM, "Chromium is missing: apt install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium: Browser, site: Site) -> Iterator[PageFactory]:
    """Opens pages with cookies of their own; at the end no page may have complained."""
    contexts, complaints = [], []

    def open_page(**options: Any) -> Page:
        settings = {"base_url": site.url, "viewport": {"width": 1280, "height": 900}} | options
        context = chromium.new_context(**settings)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("console", lambda message: note(message))
        return page

    def note(message: Any) -> None:
        if "Content Security Policy" in message.text or "TrustedHTML" in message.text:
            complaints.append(f"policy: {message.text}")

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(new_page: PageFactory) -> Page:
    return new_page()
