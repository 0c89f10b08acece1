"""What the front page says to machines: the site, and how to search it."""

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from guide.context import absolute
from guide.structured_data.graph import Node, graph


def site() -> SafeString:
    return graph(_website())


def _website() -> Node:
    target = absolute(reverse("search")) + "?q={search_term_string}"
    return {
        "@type": "WebSite",
        "@id": absolute("/#website"),
        "name": settings.SITE_NAME,
        "url": absolute("/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": target},
            "query-input": "required name=search_term_string",
        },
    }
