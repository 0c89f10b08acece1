"""What every page of the site knows: its name, its address, its counts and its navigation."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from guide.shelf import shelf_of

NAV = [("Glossary", "glossary"), ("Prompts", "prompts"), ("About", "about")]


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "counts": shelf_of(request).counts,
        "nav": NAV,
        "page_url": absolute(request.path),
    }


def absolute(path: str) -> str:
    """The canonical address of a path, whatever host the request named."""
    return f"{settings.SITE_URL}{path}"
