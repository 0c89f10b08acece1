"""The glossary as linked data: SKOS, the vocabulary of thesauri, written as JSON-LD."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.urls import reverse

from guide.context import absolute
from guide.models import Definition, Group

CONTEXT = {"skos": "http://www.w3.org/2004/02/skos/core#"}


def concept(row: Definition) -> dict[str, Any]:
    data: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": _id(row),
        "@type": "skos:Concept",
        "skos:prefLabel": {"@value": row.term, "@language": "en"},
        "skos:altLabel": [{"@value": alias, "@language": "en"} for alias in row.aliases],
        "skos:definition": {"@value": row.short, "@language": "en"},
        "skos:notation": row.slug,
        "skos:inScheme": {"@id": absolute(reverse("glossary")) + "#set"},
        "skos:broader": [{"@id": _id(other)} for other in row.broader.published()],
        "skos:narrower": [{"@id": _id(other)} for other in row.narrower.published()],
        "skos:related": [{"@id": _id(other)} for other in row.related.published()],
    }
    return {key: value for key, value in data.items() if value != []}


def scheme(definitions: Iterable[Definition], groups: Iterable[Group]) -> dict[str, Any]:
    """The whole vocabulary: its concepts, those above all others, and the groups in their order.

    `definitions` come with `broader` and `group`.
    """
    rows = list(definitions)
    tops = [row for row in rows if not row.broader.published()]
    members = {row.slug: row for row in rows}
    return {
        "@context": CONTEXT,
        "@id": absolute(reverse("glossary")) + "#set",
        "@type": "skos:ConceptScheme",
        "skos:prefLabel": {"@value": f"{settings.SITE_NAME} glossary", "@language": "en"},
        "skos:hasTopConcept": [{"@id": _id(row)} for row in tops],
        "@reverse": {
            "skos:inScheme": [
                *(_entry(row) for row in rows),
                *(_collection(group, members) for group in groups),
            ]
        },
    }


def _entry(row: Definition) -> dict[str, Any]:
    return {
        "@id": _id(row),
        "@type": "skos:Concept",
        "skos:prefLabel": {"@value": row.term, "@language": "en"},
        "skos:definition": {"@value": row.short, "@language": "en"},
        "skos:broader": [{"@id": _id(other)} for other in row.broader.published()],
    }


def _collection(group: Group, members: Mapping[str, Definition]) -> dict[str, Any]:
    """A group in learning order."""
    order = [members[slug] for slug in group.learning_order if slug in members]
    return {
        "@id": absolute(group.get_absolute_url()) + "#list",
        "@type": "skos:OrderedCollection",
        "skos:prefLabel": {"@value": group.name, "@language": "en"},
        "skos:memberList": {"@list": [{"@id": _id(row)} for row in order]},
    }


def _id(row: Definition) -> str:
    return absolute(row.get_absolute_url()) + "#term"
