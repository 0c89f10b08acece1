"""A term as linked data: SKOS, the vocabulary of thesauri, written as JSON-LD."""

from typing import Any

from django.urls import reverse

from guide.context import absolute
from guide.models import Definition


def concept(row: Definition) -> dict[str, Any]:
    narrower = row.narrower.published().defer(*Definition.TEXTS)
    data: dict[str, Any] = {
        "@context": {"skos": "http://www.w3.org/2004/02/skos/core#"},
        "@id": _id(row),
        "@type": "skos:Concept",
        "skos:prefLabel": {"@value": row.term, "@language": "en"},
        "skos:altLabel": [{"@value": alias, "@language": "en"} for alias in row.aliases],
        "skos:definition": {"@value": row.short, "@language": "en"},
        "skos:notation": row.slug,
        "skos:inScheme": {"@id": absolute(reverse("glossary")) + "#set"},
        "skos:broader": [{"@id": _id(other)} for other in row.broader.published()],
        "skos:narrower": [{"@id": _id(other)} for other in narrower],
        "skos:related": [{"@id": _id(other)} for other in row.related.published()],
    }
    return {key: value for key, value in data.items() if value != []}


def _id(row: Definition) -> str:
    return absolute(row.get_absolute_url()) + "#term"
