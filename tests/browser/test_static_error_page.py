"""The page for the worst case needs no context, no database, and only files that exist."""

import re
from pathlib import Path

from django.template.loader import render_to_string

STATIC = Path(__file__).resolve().parents[2] / "static"


def test_the_500_page_needs_nothing_that_could_be_broken() -> None:
    page = render_to_string("500.html")
    assert "Something broke on our side" in page
    linked = re.findall(r'(?:href|src)="/static/([^"]+)"', page)
    assert linked
    assert [path for path in linked if not (STATIC / path).is_file()] == []


def test_the_500_page_obeys_the_content_security_policy() -> None:
    page = render_to_string("500.html")
    assert "<style" not in page
    assert "style=" not in page
    assert re.findall(r"<script(?![^>]*src=)", page) == []
