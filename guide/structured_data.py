"""What a page says to machines: schema.org as JSON-LD, one graph per page with stable addresses."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from guide.context import absolute
from guide.models import Contrast, Definition, Group, Prompt, Source, Status

Node = dict[str, Any]
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def to_json(value: object) -> SafeString:
    """JSON that can stand inside a <script>: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308  <, > and & are escaped


def _graph(*nodes: Node | None) -> SafeString:
    return to_json({"@context": "https://schema.org", "@graph": [node for node in nodes if node]})


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


def site() -> SafeString:
    return _graph(_website())


def glossary(definitions: Iterable[Definition]) -> SafeString:
    """The set of terms, and the file that holds all of it."""
    url = absolute(reverse("glossary"))
    terms = [
        {"@id": absolute(row.get_absolute_url()) + "#term", "name": row.term} for row in definitions
    ]
    term_set = {
        "@type": "DefinedTermSet",
        "@id": f"{url}#set",
        "name": "Glossary of AI and prompting terms",
        "url": url,
        "hasDefinedTerm": terms,
    }
    return _graph(_breadcrumbs(url, [("Glossary", url)]), term_set, _dataset(url))


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
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "item": {"@id": absolute(term.get_absolute_url()) + "#term"},
            "name": term.term,
            "url": absolute(term.get_absolute_url()),
        }
        for position, term in enumerate(terms, 1)
    ]
    listing = {
        "@type": "ItemList",
        "@id": f"{url}#list",
        "name": f"{row.name}, in learning order",
        "itemListOrder": "https://schema.org/ItemListOrderAscending",
        "numberOfItems": len(items),
        "itemListElement": items,
    }
    trail = [("Glossary", absolute(reverse("glossary"))), (row.name, url)]
    return _graph(page, listing, _breadcrumbs(url, trail))


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


def definition(row: Definition) -> SafeString:
    """The page, its term, the article about it, its visible questions and the way to it."""
    url = absolute(row.get_absolute_url())
    page = {
        "@type": "WebPage",
        "@id": f"{url}#page",
        "url": url,
        "name": row.term,
        "description": row.short,
        "dateModified": row.updated_at.isoformat(),
        "lastReviewed": row.reviewed.isoformat(),
        "isPartOf": {"@id": absolute("/#website")},
        "breadcrumb": {"@id": f"{url}#breadcrumbs"},
        "mainEntity": {"@id": f"{url}#term"},
    }
    trail = [("Glossary", absolute(reverse("glossary"))), (row.term, url)]
    return _graph(
        page, _term(row, url), _article(row, url), _questions(row, url), _breadcrumbs(url, trail)
    )


def _term(row: Definition, url: str) -> Node:
    term = {
        "@type": "DefinedTerm",
        "@id": f"{url}#term",
        "name": row.term,
        "description": row.short,
        "termCode": row.slug,
        "inDefinedTermSet": {"@id": absolute(reverse("glossary")) + "#set"},
    }
    return term | ({"alternateName": list(row.aliases)} if row.aliases else {})


def _article(row: Definition, url: str) -> Node:
    mentions = [
        {"@id": absolute(other.get_absolute_url()) + "#term"} for other in row.related.published()
    ]
    return {
        "@type": ["TechArticle", "LearningResource"],
        "@id": f"{url}#article",
        "headline": row.term,
        "abstract": row.short,
        "educationalLevel": row.get_level_display(),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "dateModified": row.updated_at.isoformat(),
        "mainEntityOfPage": {"@id": f"{url}#page"},
        "teaches": {"@id": f"{url}#term"},
        "mentions": mentions,
        "citation": [_citation(source) for source in row.sources.all()],
    }


def _citation(source: Source) -> Node:
    return {
        "@type": "CreativeWork",
        "name": source.title,
        "author": source.author,
        "datePublished": str(source.year),
        "url": source.url,
    }


def _questions(row: Definition | Contrast, url: str) -> Node | None:
    questions = [
        {
            "@type": "Question",
            "@id": f"{url}#{faq.anchor}",
            "name": faq.question,
            "acceptedAnswer": {"@type": "Answer", "text": faq.answer},
        }
        for faq in row.faqs.all()
    ]
    return {"@type": "FAQPage", "@id": f"{url}#faq", "mainEntity": questions} if questions else None


def contrast(row: Contrast) -> SafeString:
    """The page about two terms, its visible questions and the way to it."""
    url = absolute(row.get_absolute_url())
    about = [
        {"@id": absolute(term.get_absolute_url()) + "#term"}
        for term in (row.left, row.right)
        if term and term.status == Status.PUBLISHED
    ]
    page = {
        "@type": "WebPage",
        "@id": f"{url}#page",
        "url": url,
        "name": row.title,
        "description": row.short,
        "dateModified": row.updated_at.isoformat(),
        "lastReviewed": row.reviewed.isoformat(),
        "isPartOf": {"@id": absolute("/#website")},
        "breadcrumb": {"@id": f"{url}#breadcrumbs"},
        "mainEntity": {"@id": f"{url}#article"},
    }
    article = {
        "@type": ["TechArticle", "LearningResource"],
        "@id": f"{url}#article",
        "headline": row.title,
        "abstract": row.short,
        "alternateName": list(row.aliases),
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "dateModified": row.updated_at.isoformat(),
        "mainEntityOfPage": {"@id": f"{url}#page"},
        "about": about,
        "teaches": about,
        "citation": [_citation(source) for source in row.sources.all()],
    }
    trail = [("Glossary", absolute(reverse("glossary"))), (row.title, url)]
    return _graph(page, article, _questions(row, url), _breadcrumbs(url, trail))


def prompt(row: Prompt) -> SafeString:
    url = absolute(row.get_absolute_url())
    library = absolute(reverse("prompts"))
    shelf = (row.category.name, absolute(row.category.get_absolute_url()))
    work = {
        "@type": ["CreativeWork", "LearningResource"],
        "@id": f"{url}#prompt",
        "name": row.title,
        "description": row.description,
        "text": row.template,
        "inLanguage": row.language,
        "educationalLevel": row.get_difficulty_display(),
        "keywords": [tag.name for tag in row.tags.all()],
        "version": str(row.version),
        "dateModified": row.updated_at.isoformat(),
        "isAccessibleForFree": True,
        "teaches": [
            {"@id": absolute(term.get_absolute_url()) + "#term"}
            for term in row.techniques.published()
        ],
    }
    return _graph(work, _breadcrumbs(url, [("Prompts", library), shelf, (row.title, url)]))


def library(page: Iterable[Prompt]) -> SafeString:
    """The prompts of one page of the library, in the order they stand there."""
    url = absolute(reverse("prompts"))
    items = [
        {
            "@type": "ListItem",
            "position": position,
            "name": row.title,
            "url": absolute(row.get_absolute_url()),
        }
        for position, row in enumerate(page, 1)
    ]
    listing = {"@type": "ItemList", "@id": f"{url}#list", "itemListElement": items}
    return _graph(listing, _breadcrumbs(url, [("Prompts", url)]))


def _breadcrumbs(url: str, trail: Sequence[tuple[str, str]]) -> Node:
    steps = [(settings.SITE_NAME, absolute("/")), *trail]
    return {
        "@type": "BreadcrumbList",
        "@id": f"{url}#breadcrumbs",
        "itemListElement": [
            {"@type": "ListItem", "position": position, "name": name, "item": address}
            for position, (name, address) in enumerate(steps, 1)
        ],
    }
