"""What the page of a term or of a contrast says to machines."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.safestring import SafeString

from guide.context import absolute
from guide.models import Contrast, Definition, Source, Status
from guide.structured_data.graph import Node, breadcrumbs, graph, term_ref


def definition(row: Definition, related: Iterable[Definition]) -> SafeString:
    """The page, its term, the article about it, its visible questions and the way to it."""
    url = absolute(row.get_absolute_url())
    article = _article(row, url) | {
        "educationalLevel": row.get_level_display(),
        "teaches": {"@id": f"{url}#term"},
        "mentions": [term_ref(other.get_absolute_url()) for other in related],
    }
    return _page_graph(row, url, "term", _term(row, url), article)


def contrast(row: Contrast) -> SafeString:
    """The page about two terms, its visible questions and the way to it."""
    url = absolute(row.get_absolute_url())
    sides = [term for term in (row.left, row.right) if term and term.status == Status.PUBLISHED]
    about = [term_ref(term.get_absolute_url()) for term in sides]
    article = _article(row, url) | {"about": about, "teaches": about}
    if row.aliases:
        article["alternateName"] = list(row.aliases)
    return _page_graph(row, url, "article", article)


def _page_graph(row: Definition | Contrast, url: str, main: str, *nodes: Node) -> SafeString:
    """The page around its nodes, of which `main` names the one that it is about."""
    page = {
        "@type": "WebPage",
        "@id": f"{url}#page",
        "url": url,
        "name": str(row),
        "description": row.short,
        "dateModified": row.updated_at.isoformat(),
        "lastReviewed": row.reviewed.isoformat(),
        "isPartOf": {"@id": absolute("/#website")},
        "breadcrumb": {"@id": f"{url}#breadcrumbs"},
        "mainEntity": {"@id": f"{url}#{main}"},
    }
    trail = [("Glossary", absolute(reverse("glossary"))), (str(row), url)]
    return graph(page, *nodes, _questions(row, url), breadcrumbs(url, trail))


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


def _article(row: Definition | Contrast, url: str) -> Node:
    return {
        "@type": ["TechArticle", "LearningResource"],
        "@id": f"{url}#article",
        "headline": str(row),
        "abstract": row.short,
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "dateModified": row.updated_at.isoformat(),
        "mainEntityOfPage": {"@id": f"{url}#page"},
        "citation": [_citation(source) for source in row.sources.all()],
    }


def _citation(source: Source) -> Node:
    return {
        "@type": "CreativeWork",
        "name": source.title,
        # Persons or an organization, as the source is usually cited.
        "creditText": source.author,
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
