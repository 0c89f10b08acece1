"""Browsing the library: facets count what they would leave, and every odd address has an answer."""

import time
from typing import Any

import pytest
from django.test import Client

from guide.library.browsing import Facet
from guide.library.facets import facet_index
from guide.models import Category, ContentStamp, Prompt, Status
from guide.public_page import memory
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def library() -> None:
    letters, code = factories.make_category("letters"), factories.make_category("code", "software")
    few_shot = factories.make_definition("few-shot", term="Few-shot")
    factories.make_prompt("a", title="Beta", tier="S", category=letters, tags=["plain language"])
    factories.make_prompt("b", title="alpha", tier="M", category=letters, risk="legal")
    factories.make_prompt("c", title="Gamma", tier="S", category=code, techniques=[few_shot])
    factories.make_prompt("d", title="Delta", tier="M", category=code, audience="developers")
    factories.make_prompt("hidden", tier="S", category=code, status=Status.DRAFT)


def look(client: Client, query: str = "") -> Any:
    memory.clear()  # a page from memory brings its bytes, but no context
    response = client.get(f"/prompts/{query}")
    assert response.status_code == 200
    return response.context


def facet(context: Any, key: str) -> Facet:
    found: Facet = next(facet for facet in context["facets"] if facet.key == key)
    return found


def counts(context: Any, key: str) -> dict[str, int]:
    return {option.value: option.count for option in facet(context, key).options}


def slugs(context: Any) -> list[str]:
    return [prompt.slug for prompt in context["page"].object_list]


@pytest.mark.usefixtures("library")
class TestFacets:
    def test_each_value_counts_the_published_prompts(self, client: Client) -> None:
        context = look(client)
        assert counts(context, "tier") == {"S": 2, "M": 2}
        assert counts(context, "category") == {"writing-editing": 2, "software": 2}
        assert counts(context, "risk") == {"none": 3, "legal": 1}
        assert context["total"] == 4

    def test_a_choice_narrows_the_others_but_not_its_own_facet(self, client: Client) -> None:
        context = look(client, "?tier=S")
        assert slugs(context) == ["a", "c"]
        assert counts(context, "tier") == {"S": 2, "M": 2}
        assert counts(context, "category") == {"writing-editing": 1, "software": 1}
        assert "risk" not in [facet.key for facet in context["facets"]]

    def test_two_values_of_a_facet_add_up(self, client: Client) -> None:
        assert look(client, "?tier=S&tier=M")["total"] == 4
        assert look(client, "?tier=S&category=software")["total"] == 1

    def test_techniques_and_tags_are_facets_too(self, client: Client) -> None:
        assert slugs(look(client, "?technique=few-shot")) == ["c"]
        assert slugs(look(client, "?tag=plain-language")) == ["a"]
        assert look(client, "?technique=few-shot")["active"][0][0] == "Few-shot"

    def test_the_form_of_the_answer_is_what_its_check_says(self, client: Client) -> None:
        for slug, check in (
            ("a", {"json_keys": ["x"], "max_words": 9}),
            ("b", {"list_items": 3}),
            ("c", {"max_words": 20}),
            ("d", {"max_words": 90}),
        ):
            Prompt.objects.filter(slug=slug).update(answer_check=check)
        ContentStamp.renew()
        assert counts(look(client), "form") == {"json": 1, "list": 1, "short": 1, "text": 1}
        assert slugs(look(client, "?form=list&form=json")) == ["b", "a"]

    def test_shelves_show_inside_their_category(self, client: Client) -> None:
        assert "subcategory" not in [facet.key for facet in look(client)["facets"]]
        assert slugs(look(client, "?subcategory=letters")) == ["b", "a"]

    def test_every_option_leads_where_it_says(self, client: Client) -> None:
        for start in ("", "?tier=S", "?category=software&tier=M"):
            context = look(client, start)
            for option in (option for facet in context["facets"] for option in facet.options):
                reached = look(client, option.url.removeprefix("/prompts/"))
                assert reached["total"] > 0
                if not option.selected and start == "":
                    assert reached["total"] == option.count

    def test_each_choice_in_force_can_be_taken_back(self, client: Client) -> None:
        context = look(client, "?tier=S&category=software&q=gamma")
        labels = [label for label, _ in context["active"]]
        assert labels == ["“gamma”", "Software", "Runs on a small model"]
        for _, url in context["active"]:
            assert len(look(client, url.removeprefix("/prompts/"))["active"]) == 2

    def test_sorting_is_by_match_date_or_title(self, client: Client) -> None:
        assert slugs(look(client, "?sort=title")) == ["b", "a", "d", "c"]
        assert slugs(look(client, "?sort=newest")) == ["d", "c", "b", "a"]
        assert [key for key, *_ in look(client)["sorts"]] == [
            "relevance",
            "newest",
            "most-run",
            "title",
        ]
        selected = [key for key, _, _, is_on in look(client, "?sort=title")["sorts"] if is_on]
        assert selected == ["title"]

    def test_a_query_keeps_the_order_of_the_search(self, client: Client) -> None:
        assert slugs(look(client, "?q=delta"))[0] == "d"
        assert look(client, "?q=delta&tier=S")["total"] == 0


class TestOddAddresses:
    @pytest.mark.usefixtures("library")
    @pytest.mark.parametrize(
        "query", ["?tier=XXL", "?tag=%3Cscript%3E", "?category='--", "?risk=%00x"]
    )
    def test_an_unknown_value_is_an_empty_result_with_a_way_on(
        self, client: Client, query: str
    ) -> None:
        context = look(client, query)
        assert context["total"] == 0
        assert context["suggestions"][-1] == ("All prompts (4)", "/prompts/")
        assert any(label.startswith("Without") for label, _ in context["suggestions"])

    @pytest.mark.parametrize("sort", ["price", "user__password", "-title", "newest,title", "%00"])
    def test_a_sort_that_is_not_offered_is_a_bad_request(self, client: Client, sort: str) -> None:
        assert client.get(f"/prompts/?sort={sort}").status_code == 400

    @pytest.mark.parametrize("page", ["", "a", "-1", "0", "1.5", "1e9", "٣", "%00", "9" * 400])
    def test_a_page_that_is_no_number_is_the_first(self, client: Client, page: str) -> None:
        factories.make_prompt("only")
        assert look(client, f"?page={page}")["page"].number == 1

    def test_a_page_after_the_last_is_not_found(self, client: Client) -> None:
        assert client.get("/prompts/?page=2").status_code == 404
        assert client.get("/prompts/?page=9999999").status_code == 404

    @pytest.mark.parametrize(
        "query", ["_connector=OR+1%3D1", "tags__in__regex=.*", "status=draft", "tier__in=S", "id=1"]
    )
    @pytest.mark.usefixtures("library")
    def test_an_unknown_parameter_is_ignored(self, client: Client, query: str) -> None:
        assert look(client, f"?{query}")["total"] == 4

    def test_a_thousand_values_cost_no_more_than_a_few(self, client: Client) -> None:
        factories.make_prompt("only")
        query = "&".join(f"tag=t{number}" for number in range(900))
        assert len(look(client, f"?{query}")["active"]) == 10


def test_pages_hold_24_and_link_to_each_other(client: Client) -> None:
    category = factories.make_category()
    Prompt.objects.bulk_create(
        Prompt(
            slug=f"p{number}",
            title=f"P {number:03}",
            category=category,
            status=Status.PUBLISHED,
            template="x",
        )
        for number in range(24 * 9 + 1)
    )
    ContentStamp.renew()
    context = look(client, "?tier=S&page=5")
    assert len(context["page"].object_list) == 24
    numbers = [number for number, _, _ in context["page_links"]]
    assert numbers == [1, 2, 3, 4, 5, 6, 7, None, 10]
    urls = [url for number, url, is_current in context["page_links"] if number and not is_current]
    assert urls[0] == "/prompts/?tier=S"
    assert all(client.get(url).status_code == 200 for url in urls)
    seen = [slug for page in range(1, 11) for slug in slugs(look(client, f"?page={page}"))]
    assert len(set(seen)) == len(seen) == 217


def test_facets_of_thousands_are_counted_in_no_time() -> None:
    category = factories.make_category()
    assert Category.objects.count() == 2
    Prompt.objects.bulk_create(
        Prompt(
            slug=f"p{number}",
            title=f"P {number}",
            category=category,
            status=Status.PUBLISHED,
            template="x",
            tier="SMC"[number % 3],
            risk=("none", "legal")[number % 2],
        )
        for number in range(3000)
    )
    index = facet_index("thousands")
    started = time.perf_counter()
    for _ in range(100):
        chosen = index.chosen({"tier": ["S"], "risk": ["legal", "none"]}, but="risk")
        assert (chosen & index.masks["risk"]["legal"]).bit_count() == 500
    assert time.perf_counter() - started < 0.5
