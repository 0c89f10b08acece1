"""One JSON-LD graph per page: how it is written, and the parts that every page has."""

import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from guide.context import absolute

Node = dict[str, Any]
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def to_json(value: object) -> SafeString:
    """JSON that can stand inside a <script>: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308  <, > and & are escaped


def graph(*nodes: Node | None) -> SafeString:
    return to_json({"@context": "https://schema.org", "@graph": [node for node in nodes if node]})


def term_ref(address: str) -> Node:
    """The term that the page at this path defines."""
    return {"@id": absolute(address) + "#term"}


def breadcrumbs(url: str, trail: Sequence[tuple[str, str]]) -> Node:
    steps = [(settings.SITE_NAME, absolute("/")), *trail]
    return {
        "@type": "BreadcrumbList",
        "@id": f"{url}#breadcrumbs",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": {"@id": address}}
            for position, (name, address) in enumerate(steps, 1)
        ],
    }
