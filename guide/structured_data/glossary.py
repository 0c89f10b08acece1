"""What the lists of terms say to machines: the set of all terms, and each group in its order."""

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString

from guide.context import absolute
from guide.models import Definition, Group
from guide.structured_data.graph import Node, breadcrumbs, graph, term_ref


def glossary(definitions: Iterable[Definition]) -> SafeString:
    """The set of terms, and the file that holds all of it."""
    url = absolute(reverse("glossary"))
    terms = [
        {"@type": "DefinedTerm", "name": row.term} | term_ref(row.get_absolute_url())
        for row in definitions
    ]
    term_set = {
        "@type": "DefinedTermSet",
        "@id": f"{url}#set",
        "name": "Glossary of AI and prompting terms",
        "url": url,
        "hasDefinedTerm": terms,
    }
    return graph(breadcrumbs(url, [("Glossary", url)]), term_set, _dataset(url))


def _dataset(url: str) -> Node:
    download = {
        "@type": "DataDownload",
        "encodingFormat": "application/json",
        "contentUrl": absolute(reverse("glossary-json")),
    }
    return {
        "@type": "Dataset",
        "@id": f"{url}#dataset",
        "name": f"{settings.SITE_NAME} glossary",
        "description": "Every term of the glossary with its short definition and its aliases.",
        "url": url,
        "distribution": [download],
    }


def group(row: Group, terms: Sequence[Definition]) -> SafeString:
    """The group and its terms in the order in which to read them."""
    url = absolute(row.get_absolute_url())
    page = {
        "@type": "CollectionPage",
        "@id": f"{url}#page",
        "url": url,
        "name": row.name,
        "isPartOf": {"@id": absolute("/#website")},
        "breadcrumb": {"@id": f"{url}#breadcrumbs"},
        "mainEntity": {"@id": f"{url}#list"},
    }
    trail = [("Glossary", absolute(reverse("glossary"))), (row.name, url)]
    return graph(page, _in_order(row, terms, url), breadcrumbs(url, trail))


def _in_order(row: Group, terms: Sequence[Definition], url: str) -> Node:
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "item": term_ref(term.get_absolute_url()),
            "name": term.term,
            "url": absolute(term.get_absolute_url()),
        }
        for position, term in enumerate(terms, 1)
    ]
    return {
        "@type": "ItemList",
        "@id": f"{url}#list",
        "name": f"{row.name}, in learning order",
        "itemListOrder": "https://schema.org/ItemListOrderAscending",
        "numberOfItems": len(items),
        "itemListElement": items,
    }
