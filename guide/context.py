"""What every page of the site knows: its name, its address, its counts and its navigation."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from guide.models import ContentStamp, Definition, Prompt

SITE_NAME = "Prompt Guide"
NAV = [("Glossary", "glossary"), ("Prompts", "prompts"), ("About", "about")]


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": SITE_NAME,
        "site_url": settings.SITE_URL,
        "counts": counts(),
        "nav": NAV,
        "page_url": absolute(request.path),
    }


def absolute(path: str) -> str:
    """The canonical address of a path, whatever host the request named."""
    return f"{settings.SITE_URL}{path}"


def counts() -> dict[str, int]:
    """How many definitions and prompts are published, counted once per state of the content."""
    key = f"counts:{ContentStamp.current()}"
    known: dict[str, int] | None = cache.get(key)
    if known is None:
        known = {
            "definitions": Definition.objects.published().count(),
            "prompts": Prompt.objects.published().count(),
        }
        cache.set(key, known, 3600)
    return known
