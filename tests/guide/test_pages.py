"""The pages a reader opens: what they show, what they cost, and what they refuse."""

import json
import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from guide.models import Definition, Status
from guide.views import home as home_view
from tests import factories

pytestmark = pytest.mark.django_db
MOST_QUERIES = 18


@pytest.fixture
def inference() -> Definition:
    """A term with everything a page can have."""
    term = factories.make_definition(
        "inference",
        term="Inference",
        aliases=["model inference", "AI inference"],
        mistakes="Do not believe it.",
    )
    for number in range(3):
        factories.make_example(term, prompt="Explain [topic] to [reader]." if number else "Hello.")
        factories.make_faq(term, question=f"Why </script> {number}?")
    factories.make_source(term)
    others = [factories.make_definition(f"other-{number}") for number in range(4)]
    term.related.set(others)
    term.broader.set(others[:1])
    term.confused_with.set(others[1:2])
    factories.make_contrast("inference-vs-training", left=term)
    return term


@pytest.fixture
def library() -> None:
    for number in range(30):
        term = factories.make_definition() if number < 3 else None
        factories.make_prompt(
            f"job-{number}",
            tags=["letters", f"tag {number % 4}"],
            techniques=[term] if term else [],
        )


PAGES = [
    "/",
    "/glossary/",
    "/glossary/inference/",
    "/glossary/inference-vs-training/",
    "/prompts/",
    "/prompts/?tier=S&tag=letters&q=job",
    "/prompts/job-1/",
    "/search/?q=inference",
    "/about/",
]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("inference", "library")
def test_a_page_needs_few_queries_even_the_first_time(
    client: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("inference", "library")
def test_a_page_that_was_shown_before_needs_one_query(
    client: Client, path: str, django_assert_max_num_queries: Any
) -> None:
    first = client.get(path)
    with django_assert_max_num_queries(1):
        assert client.get(path).content == first.content


@pytest.mark.usefixtures("inference")
def test_a_definition_page_has_all_its_parts(client: Client) -> None:
    context = client.get("/glossary/inference/").context
    assert context["definition"].term == "Inference"
    anchors = [anchor for anchor, _ in context["sections"]]
    assert anchors == [
        *("definition", "etymology", "examples", "practice", "mistakes", "related", "faq"),
        *("sources", "how-to", "see-also"),
    ]
    assert context["previous"] is None
    assert context["next"].slug == "other-0"
    assert context["is_preview"] is False


@pytest.mark.usefixtures("inference")
def test_neighbours_and_more_name_other_published_terms(client: Client) -> None:
    factories.make_definition("zebra", status=Status.DRAFT)
    elsewhere = factories.make_group("evaluation")
    far, near = factories.make_definition("aaa", group=elsewhere), factories.make_definition("near")
    context = client.get("/glossary/inference/").context
    assert context["previous"] == far
    assert context["next"] == near
    assert client.get("/glossary/aaa/").context["next"].slug == "inference"
    assert context["definition"] not in context["more"]
    assert all(term.status == Status.PUBLISHED for term in context["more"])


def test_a_page_alone_on_the_site_has_no_neighbours(client: Client) -> None:
    factories.make_definition("alone")
    context = client.get("/glossary/alone/").context
    assert (context["previous"], context["next"], context["more"]) == (None, None, [])


@pytest.mark.usefixtures("inference")
@pytest.mark.parametrize(
    "name", ["model-inference", "ai-inference", "AI-Inference", "INFERENCE", "model_inference"]
)
def test_an_alias_in_any_case_leads_to_the_page_for_good(client: Client, name: str) -> None:
    response = client.get(f"/glossary/{name}/")
    assert (response.status_code, response.headers["Location"]) == (301, "/glossary/inference/")


@pytest.mark.parametrize("path", ["/glossary/nothing/", "/prompts/nothing/", "/og/nothing.png"])
def test_what_does_not_exist_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.usefixtures("inference")
def test_a_wrong_path_suggests_what_is_near(client: Client) -> None:
    response = client.get("/glossary/infernce/")
    assert response.status_code == 404
    assert ("Inference", "/glossary/inference/") in response.context["suggestions"]


def test_a_draft_is_on_no_public_page(client: Client) -> None:
    term = factories.make_definition("secret", term="Secret", status=Status.DRAFT)
    prompt = factories.make_prompt("hidden", title="Hidden prompt", status=Status.REVIEW)
    shown = factories.make_definition("shown")
    shown.related.set([term])
    factories.make_prompt("open", techniques=[term])
    paths = ["/", "/glossary/", "/glossary/shown/", "/prompts/", "/prompts/open/", "/llms.txt"]
    paths += ["/glossary.json", "/feed.atom", "/sitemap-definitions-1.xml", "/search/?q=secret"]
    paths += ["/sitemap-prompts-1.xml", "/glossary/shown.md", "/glossary/shown.jsonld"]
    for path in paths:
        body = client.get(path).content.decode()
        assert "/glossary/secret" not in body, path
        assert "/prompts/hidden" not in body, path
    for name in ("/", ".md", ".json"):
        assert client.get(f"/glossary/secret{name}").status_code == 404
        assert client.get(f"/prompts/hidden{name}").status_code == 404
    assert prompt.pk


@pytest.mark.usefixtures("inference", "library")
def test_the_home_page_opens_with_a_term_that_changes_every_day(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = client.get("/").context
    assert context["day"] is not None
    assert context["newest"][0].slug == "job-29"
    assert len(context["newest"]) == 6
    assert context["groups"][0][1] == Definition.objects.published().count()
    assert [count for _, count in context["categories"]] == [30]
    days = set()
    today = timezone.localdate()
    count = Definition.objects.published().count()
    for offset in range(1, count + 1):
        day = today.fromordinal(today.toordinal() + offset)
        monkeypatch.setattr(home_view.timezone, "localdate", lambda day=day: day)
        days.add(client.get("/").context["day"].slug)
    assert len(days) == count


def test_an_empty_site_still_answers(client: Client) -> None:
    for path in ("/", "/glossary/", "/prompts/", "/search/", "/search/?q=x", "/about/"):
        assert client.get(path).status_code == 200, path
    for path in ("/feed.atom", "/sitemap.xml", "/llms.txt", "/glossary.json", "/og/site.png"):
        assert client.get(path).status_code == 200, path


def test_the_glossary_groups_by_field_and_by_letter(client: Client) -> None:
    evaluation = factories.make_group("evaluation", order=2)
    for slug, term in (("kv", "KV cache"), ("knowledge", "Knowledge"), ("nought", "0-shot")):
        factories.make_definition(slug, term=term)
    factories.make_definition("bleu", term="BLEU", group=evaluation)
    context = client.get("/glossary/").context
    assert [(group.heading.slug, group.count) for group in context["groups"]] == [
        ("inference-and-decoding", 3),
        ("evaluation", 1),
    ]
    letters = {part.heading: [row.term for row in part.rows] for part in context["letters"]}
    assert letters == {"#": ["0-shot"], "B": ["BLEU"], "K": ["Knowledge", "KV cache"]}


def test_a_prompt_page_shows_its_parts_and_its_neighbours(client: Client) -> None:
    term = factories.make_definition("few-shot")
    prompt = factories.make_prompt("letter", techniques=[term], tags=["letters"])
    same = factories.make_prompt("same-shelf", title="Z same shelf")
    factories.make_prompt("near", title="A near", category=factories.make_category("other"))
    far = factories.make_category("far", parent="elsewhere")
    factories.make_prompt("far-away", category=far)
    prompt.template = "Changed [topic]."
    prompt.save()
    context = client.get("/prompts/letter/").context
    assert [row.slug for row in context["same_job"]] == [same.slug]
    assert [version.number for version in context["versions"]] == [2, 1]
    assert list(context["prompt"].techniques.published()) == [term]
    assert ("Gemini", "") in context["open_in"]
    assert all(prefix in ("",) or prefix.startswith("https://") for _, prefix in context["open_in"])


def test_search_offers_a_way_on_when_nothing_is_found(client: Client) -> None:
    context = client.get("/search/?q=zzzzz").context
    assert context["hits"] == []
    assert [url for _, url in context["suggestions"]] == ["/glossary/", "/prompts/"]


@pytest.mark.usefixtures("inference")
def test_search_says_what_it_searched_instead(client: Client) -> None:
    context = client.get("/search/?q=infernce").context
    assert context["corrected"] == "inference"
    assert context["suggestions"] == [("inference", "/search/?q=inference")]


@pytest.mark.usefixtures("inference", "library")
def test_the_search_box_gets_at_most_eight_answers(client: Client) -> None:
    answer = client.get("/search.json?q=job").json()
    assert answer["query"] == "job"
    assert len(answer["results"]) == 8
    assert set(answer["results"][0]) == {"kind", "title", "url", "snippet"}


@pytest.mark.parametrize("query", ["%00", "%ff%fe", "a" * 3000, "%22%27(*", "%F0%9F%99%82"])
@pytest.mark.parametrize("path", ["/search/", "/search.json", "/prompts/"])
def test_no_query_breaks_a_page(client: Client, path: str, query: str) -> None:
    assert client.get(f"{path}?q={query}").status_code == 200


def graph_of(body: str) -> list[dict[str, Any]]:
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)
    assert script
    graph: list[dict[str, Any]] = json.loads(script[1])["@graph"]
    return graph


@pytest.mark.usefixtures("inference")
def test_structured_data_says_what_the_page_shows_and_cannot_be_broken_out_of(
    client: Client,
) -> None:
    response = client.get("/glossary/inference/")
    data = response.context["structured_data"]
    assert "<" not in data
    assert "&" not in data
    nodes = {str(node["@type"]): node for node in graph_of(response.content.decode())}
    term = nodes["DefinedTerm"]
    assert term["@id"] == "http://testserver/glossary/inference/#term"
    assert term["description"] == "The short definition of inference."
    assert term["alternateName"] == ["model inference", "AI inference"]
    assert nodes["WebPage"]["mainEntity"] == {"@id": term["@id"]}
    article = nodes["['TechArticle', 'LearningResource']"]
    assert len(article["mentions"]) == 4
    assert article["citation"][0]["url"] == "https://arxiv.org/abs/1706.03762"
    questions = [question["name"] for question in nodes["FAQPage"]["mainEntity"]]
    assert questions == [f"Why </script> {number}?" for number in range(3)]
    assert nodes["BreadcrumbList"]["itemListElement"][-1]["name"] == "Inference"


def test_a_page_without_questions_claims_none(client: Client) -> None:
    factories.make_definition("plain")
    nodes = graph_of(client.get("/glossary/plain/").content.decode())
    assert "FAQPage" not in [node["@type"] for node in nodes]


def test_a_preview_is_for_staff_only_and_never_kept(client: Client) -> None:
    factories.make_definition("draft-term", status=Status.DRAFT)
    factories.make_prompt("draft-prompt", status=Status.DRAFT)
    paths = ["/preview/definition/draft-term/", "/preview/prompt/draft-prompt/"]
    for path in paths:
        assert client.get(path).headers["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("reader"))
    for path in paths:
        assert client.get(path).status_code == 302
    client.force_login(User.objects.create_user("curator", is_staff=True))
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200
        assert response.context["is_preview"] is True
        assert "no-store" in response.headers["Cache-Control"]
