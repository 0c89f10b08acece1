"""The glossary as a whole: narrowed by its form, read group by group, or opened anywhere."""

from typing import Any

import pytest
from django.test import Client

from guide.models import Status
from tests import factories
from tests.guide.test_pages import graph_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def glossary() -> None:
    """Two groups, the first with a learning order that is not the alphabet's."""
    first = factories.make_group(
        "foundations",
        name="Foundations",
        introduction="Begin *here*.",
        learning_order=["token", "model", "agent"],
    )
    last = factories.make_group("evaluation", name="Evaluation", order=2)
    empty = factories.make_group("empty", order=3)
    agent = factories.make_definition("agent", group=first, level="advanced")
    model = factories.make_definition("model", group=first, aliases=["Modèle"])
    factories.make_definition("token", group=first)
    factories.make_definition("bleu", term="BLEU", group=last, short="A score for translations.")
    factories.make_definition("hidden", group=empty, status=Status.DRAFT)
    factories.make_contrast("model-vs-agent", left=model, right=agent)


def kept(client: Client, query: str) -> set[str]:
    """What a reader sees for a query."""
    context: Any = client.get(f"/glossary/?{query}").context
    return set(context["kept"])


@pytest.mark.usefixtures("glossary")
@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", {"agent", "model", "token", "bleu", "model-vs-agent"}),
        ("q=translations", {"bleu"}),
        ("q=short%20TOKEN", {"token"}),
        ("q=modele", {"model"}),
        ("q=differs", {"model-vs-agent"}),
        ("level=advanced", {"agent"}),
        ("group=evaluation", {"bleu"}),
        ("group=foundations&level=basic&q=model", {"model"}),
        ("q=zzz", set()),
    ],
)
def test_the_form_narrows_without_a_script(client: Client, query: str, slugs: set[str]) -> None:
    assert kept(client, query) == slugs


@pytest.mark.usefixtures("glossary")
def test_a_narrowed_glossary_counts_what_is_shown(client: Client) -> None:
    response = client.get("/glossary/?level=basic")
    context = response.context
    assert [(part.heading.slug, part.count) for part in context["groups"]] == [
        ("foundations", 2),
        ("evaluation", 1),
    ]
    assert {part.heading: part.count for part in context["letters"]} == {
        **{"A": 0, "B": 1, "M": 1, "T": 1},
    }
    assert [(c.value, c.count, c.is_chosen) for c in context["levels"]] == [
        ("basic", 3, True),
        ("intermediate", 0, False),
        ("advanced", 1, False),
    ]
    assert b'data-group="foundations" hidden' in response.content


@pytest.mark.usefixtures("glossary")
@pytest.mark.parametrize("query", ["level=hard", "group=empty", "group=%00"])
def test_a_choice_that_is_not_offered_is_refused(client: Client, query: str) -> None:
    assert client.get(f"/glossary/?{query}").status_code == 400


@pytest.mark.usefixtures("glossary")
def test_a_group_page_introduces_its_terms_in_learning_order(client: Client) -> None:
    response = client.get("/glossary/group/foundations/")
    context, body = response.context, response.content.decode()
    assert [term.slug for term in context["terms"]] == ["token", "model", "agent"]
    assert "<p>Begin <em>here</em>.</p>" in body
    assert (context["previous"], context["next"].slug) == (None, "evaluation")
    assert [pair.slug for pair in context["pairs"]] == ["model-vs-agent"]
    nodes = {node["@type"]: node for node in graph_of(body)}
    items = nodes["ItemList"]["itemListElement"]
    assert [(item["position"], item["name"]) for item in items] == [
        *((1, "Token"), (2, "Model"), (3, "Agent"))
    ]
    last = client.get("/glossary/group/evaluation/").context
    assert (last["previous"].slug, last["next"]) == ("foundations", None)


@pytest.mark.usefixtures("glossary")
@pytest.mark.parametrize("slug", ["empty", "nothing"])
def test_a_group_without_a_term_has_no_page(client: Client, slug: str) -> None:
    assert client.get(f"/glossary/group/{slug}/").status_code == 404


@pytest.mark.usefixtures("glossary")
def test_a_term_names_the_next_one_to_learn(client: Client) -> None:
    lesson = client.get("/glossary/token/").context["lesson"]
    assert (lesson.number, lesson.path.slug, lesson.next.slug) == (1, "foundations", "model")
    assert client.get("/glossary/agent/").context["lesson"].next is None


def test_a_term_that_the_order_forgot_comes_last(client: Client) -> None:
    group = factories.make_group("foundations", learning_order=["late", "gone"])
    for slug in ("early", "late"):
        factories.make_definition(slug, group=group)
    terms = client.get("/glossary/group/foundations/").context["terms"]
    assert [term.slug for term in terms] == ["late", "early"]


@pytest.mark.usefixtures("glossary")
def test_any_term_is_another_one_each_time(client: Client) -> None:
    seen = set()
    for _ in range(60):
        response = client.get("/glossary/random/")
        assert response.status_code == 302
        assert "no-store" in response.headers["Cache-Control"]
        seen.add(response.headers["Location"])
    assert seen <= {f"/glossary/{slug}/" for slug in ("agent", "model", "token", "bleu")}
    assert len(seen) > 1


def test_any_term_of_an_empty_glossary_is_the_glossary(client: Client) -> None:
    assert client.get("/glossary/random/").headers["Location"] == "/glossary/"
