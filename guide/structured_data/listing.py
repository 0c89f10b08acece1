"""What a list of prompts says to machines: the list, the way to it, and the files to take along."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from guide.context import absolute
from guide.models import Prompt
from guide.structured_data.graph import Node, breadcrumbs, graph

FORMATS = (
    ("prompts-json", "application/json"),
    ("prompts-csv", "text/csv"),
    ("prompts-md", "text/markdown"),
)


def listing(
    name: str,
    path: str,
    prompts: Iterable[Prompt],
    *,
    first: int,
    total: int,
    trail: Sequence[tuple[str, str]] = (),
    filters: Sequence[tuple[str, str]] = (),
) -> SafeString:
    """One page of a list: `first` is the position of its first prompt, `trail` the way to it."""
    url = absolute(path)
    listed = {
        "@type": "ItemList",
        "@id": f"{url}#list",
        "name": name,
        "numberOfItems": total,
        "itemListElement": [_item(row, position) for position, row in enumerate(prompts, first)],
    }
    way = [("Prompts", absolute(reverse("prompts"))), *((n, absolute(p)) for n, p in trail)]
    dataset = _dataset(name, url, filters)
    return graph(_page(name, url), listed, dataset, breadcrumbs(url, way))


def _page(name: str, url: str) -> Node:
    return {
        "@type": "CollectionPage",
        "@id": f"{url}#page",
        "url": url,
        "name": name,
        "isPartOf": {"@id": absolute("/#website")},
        "breadcrumb": {"@id": f"{url}#breadcrumbs"},
        "mainEntity": {"@id": f"{url}#list"},
    }


def _item(row: Prompt, position: int) -> Node:
    url = absolute(row.get_absolute_url())
    return {"@type": "ListItem", "position": position, "name": row.title, "url": url}


def _dataset(name: str, url: str, filters: Sequence[tuple[str, str]]) -> Node:
    query = f"?{urlencode(filters)}" if filters else ""
    downloads = [
        {
            "@type": "DataDownload",
            "encodingFormat": kind,
            "contentUrl": absolute(reverse(view)) + query,
        }
        for view, kind in FORMATS
    ]
    return {
        "@type": "Dataset",
        "@id": f"{url}#dataset",
        "name": f"{settings.SITE_NAME}: {name}",
        "description": "Prompt templates with typed variables, facets and example answers.",
        "url": url,
        "isAccessibleForFree": True,
        "distribution": downloads,
    }
