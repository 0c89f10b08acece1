"""Everything that our pages say in JSON-LD is in schema.org's own vocabulary."""

import pytest
from django.test import Client

from tests import factories
from tests.guide.test_pages import graph_of
from tests.guide.vocabulary import schema_org

PAGES = {
    "/": {"WebSite"},
    "/glossary/": {"DefinedTermSet", "Dataset", "BreadcrumbList"},
    "/glossary/group/inference-and-decoding/": {"CollectionPage", "ItemList", "BreadcrumbList"},
    "/glossary/top-k/": {"WebPage", "DefinedTerm", "TechArticle", "FAQPage", "BreadcrumbList"},
    "/glossary/top-k-vs-top-p/": {"WebPage", "TechArticle", "FAQPage", "BreadcrumbList"},
    "/prompts/": {"ItemList", "BreadcrumbList"},
    "/prompts/letter/": {"CreativeWork", "BreadcrumbList"},
}


@pytest.fixture
def site(db: None) -> None:
    """A page of every kind, each with everything that it can say."""
    left = factories.make_definition("top-k", aliases=["k"])
    pair = factories.make_contrast("top-k-vs-top-p", left=left, aliases=["k vs p"])
    for page in (left, pair):
        factories.make_example(page)
        factories.make_faq(page)
        factories.make_source(page)
    left.related.set([factories.make_definition("sampling")])
    factories.make_prompt("letter", techniques=[left], tags=["letters"])


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("path", PAGES)
def test_every_type_property_and_value_is_known_to_schema_org(client: Client, path: str) -> None:
    graph = graph_of(client.get(path).content.decode())
    assert schema_org().problems(graph) == []
    given = [node["@type"] for node in graph]
    types = {name for item in given for name in ([item] if isinstance(item, str) else item)}
    assert types >= PAGES[path]


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_refers_to_on_itself_is_there(client: Client, path: str) -> None:
    graph = graph_of(client.get(path).content.decode())
    own = {node["@id"] for node in graph}
    assert len(own) == len(graph)
    for node in graph:
        for key in ("mainEntity", "breadcrumb", "mainEntityOfPage"):
            if isinstance(node.get(key), dict):
                assert node[key]["@id"] in own


@pytest.mark.parametrize(
    ("node", "problem"),
    [
        ({"@type": "DefinedTermm"}, "no type DefinedTermm"),
        ({"@type": "DefinedTerm", "termcode": "x"}, "no such property"),
        ({"@type": "DefinedTerm", "termCode": {"@type": "Person"}}, "is none of"),
        ({"@type": "WebPage", "isAccessibleForFree": "yes"}, "is none of"),
        ({"@type": "Question", "acceptedAnswer": "A text"}, "is none of"),
        ({"@type": "Question", "acceptedAnswer": {"name": "x"}}, "a node without a type"),
    ],
)
def test_the_vocabulary_refuses_what_is_not_in_it(node: dict[str, object], problem: str) -> None:
    problems = schema_org().problems(node)
    assert any(problem in found for found in problems), problems
