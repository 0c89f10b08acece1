"""Pages about a part of the library: a category, a shelf, a tag, a technique; feeds and chance."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from guide.library import popularity
from guide.models import Category, Prompt
from guide.public_page import memory
from tests import factories

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def library() -> None:
    letters, poems = factories.make_category("letters"), factories.make_category("poems")
    code = factories.make_category("code", "software")
    few_shot = factories.make_definition("few-shot", term="Few-shot", short="A few examples.")
    factories.make_prompt("a", title="Alpha", category=letters, tags=["plain"], tier="M")
    factories.make_prompt("b", title="Beta", category=poems, techniques=[few_shot])
    factories.make_prompt("c", title="Gamma", category=code, tags=["plain"], risk="legal")


def look(client: Client, path: str) -> Any:
    memory.clear()  # a page from memory brings its bytes, but no context
    response = client.get(path)
    assert response.status_code == 200, path
    return response


def slugs(response: Any) -> list[str]:
    return [prompt.slug for prompt in response.context["page"].object_list]


def graph(response: Any) -> dict[str, Any]:
    found = re.search(r'ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL)
    assert found
    return {node["@id"].partition("#")[2]: node for node in json.loads(found[1])["@graph"]}


PAGES = {
    "/prompts/category/writing-editing/": ["a", "b"],
    "/prompts/category/writing-editing/letters/": ["a"],
    "/prompts/tag/plain/": ["c", "a"],
    "/prompts/technique/few-shot/": ["b"],
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_lists_what_belongs_to_it(client: Client, path: str) -> None:
    response = look(client, path)
    assert sorted(slugs(response)) == sorted(PAGES[path])
    nodes = graph(response)
    assert nodes["list"]["numberOfItems"] == len(PAGES[path])
    assert nodes["breadcrumbs"]["itemListElement"][1]["name"] == "Prompts"
    files = [part["contentUrl"] for part in nodes["dataset"]["distribution"]]
    assert all(
        client.get(url.removeprefix("http://testserver")).status_code == 200 for url in files
    )


@pytest.mark.parametrize("path", PAGES)
def test_filters_and_sorts_stay_on_the_page(client: Client, path: str) -> None:
    context = look(client, f"{path}?sort=title&tier=S").context
    urls = [option.url for facet in context["facets"] for option in facet.options]
    urls += [url for _, _, url, _ in context["sorts"]] + [url for _, url in context["active"]]
    assert urls
    assert all(url.startswith(path) for url in urls)
    for url in urls:
        look(client, url)


def test_a_category_names_its_shelves_with_counts(client: Client) -> None:
    response = look(client, "/prompts/category/writing-editing/")
    assert [(row.slug, count) for row, count in response.context["children"]] == [
        ("letters", 1),
        ("poems", 1),
    ]
    assert b"/prompts/category/writing-editing/poems/" in response.content


def test_an_address_under_the_wrong_category_is_not_found(client: Client) -> None:
    for path in ("writing-editing/code/", "code/", "nowhere/", "writing-editing/nowhere/"):
        assert client.get(f"/prompts/category/{path}").status_code == 404
    assert client.get("/prompts/tag/nothing/").status_code == 404
    assert client.get("/prompts/technique/nothing/").status_code == 404


def test_a_part_without_published_prompts_is_not_found(client: Client) -> None:
    Prompt.objects.get(slug="c").delete()
    assert client.get("/prompts/category/software/").status_code == 404


def test_a_filter_that_leaves_nothing_is_a_page_with_a_way_on(client: Client) -> None:
    response = look(client, "/prompts/category/software/?tier=M")
    assert (response.context["total"], response.context["clear_url"]) == (
        0,
        "/prompts/category/software/",
    )


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("query", "status"),
    [
        *(("page=1000000000", 200), ("page=9999999", 404), ("sort=user__password", 400)),
        *((f"q={'x' * 10_000}", 200), ("tier=%00&risk=%ff", 200), ("category=software", 200)),
    ],
)
def test_bad_input_is_a_page_or_a_sentence(
    client: Client, path: str, query: str, status: int
) -> None:
    assert client.get(f"{path}?{query}").status_code == status


def test_any_prompt_is_one_of_those_that_fit(client: Client) -> None:
    answer = client.get("/prompts/random/?category=software")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/prompts/c/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get("/prompts/random/?tag=none").headers["Location"] == "/prompts/"


def test_the_most_run_come_first_and_in_the_feed(client: Client) -> None:
    for slug in ("b", "b", "c"):
        Prompt.objects.count_run(slug)
    popularity.known.minute = -1
    assert slugs(look(client, "/prompts/?sort=most-run"))[:2] == ["b", "c"]
    feed = ElementTree.fromstring(client.get("/prompts/most-run.atom").content)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [
        "Beta",
        "Gamma",
    ]


def test_a_run_changes_no_content(client: Client) -> None:
    before = Prompt.objects.get(slug="b")
    Prompt.objects.count_run("b")
    after = Prompt.objects.get(slug="b")
    assert (after.run_count, after.updated_at) == (1, before.updated_at)
    assert after.history.count() == before.history.count()


def test_the_newest_have_a_feed(client: Client) -> None:
    feed = ElementTree.fromstring(client.get("/prompts/newest.atom").content)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == [
        *("Gamma", "Beta", "Alpha")
    ]


def test_a_shelf_without_a_parent_in_the_address_is_still_found() -> None:
    assert (
        Category.objects.get(slug="code").get_absolute_url() == "/prompts/category/software/code/"
    )


def test_legal_prompts_say_what_to_check(client: Client) -> None:
    assert b"no legal advice" in client.get("/prompts/c/").content
