"""What a curator does to many prompts at once, and sees of all of them."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client

from guide.models import Category, Prompt, Status
from tests import factories
from tests.guide.content_files import words

pytestmark = pytest.mark.django_db
LIST = "/admin/guide/prompt/"


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("curator"))
    return client


def act(curator: Client, action: str, **fields: Any) -> Any:
    chosen = list(Prompt.objects.values_list("pk", flat=True))
    values = {"action": action, "_selected_action": chosen, **fields}
    return curator.post(LIST, values, follow=action not in ("export_csv",))


def test_many_are_tagged_and_moved_at_once(curator: Client) -> None:
    factories.make_prompt("a"), factories.make_prompt("b")
    shelf = factories.make_category("poems")
    act(curator, "add_tag", tag="Short Texts")
    act(curator, "move", shelf=shelf.pk)
    for prompt in Prompt.objects.all():
        assert [tag.slug for tag in prompt.tags.all()] == ["short-texts"]
        assert prompt.category == shelf


@pytest.mark.parametrize(
    ("action", "word"), [("add_tag", "Write the tag"), ("move", "Choose the shelf")]
)
def test_an_action_without_what_it_needs_says_so(curator: Client, action: str, word: str) -> None:
    factories.make_prompt("a")
    assert word in act(curator, action).content.decode()


def test_a_retired_prompt_is_off_the_site_and_can_come_back(curator: Client) -> None:
    factories.make_prompt("a")
    act(curator, "retire")
    assert Prompt.objects.get().status == Status.RETIRED
    assert curator.get("/prompts/a/").status_code == 404
    assert Prompt.objects.get().history.count() == 2


def test_the_selected_are_taken_along_in_three_formats(curator: Client) -> None:
    factories.make_prompt("a", template="=[x]")
    text = act(curator, "export_csv").content.decode()
    assert next(csv.DictReader(StringIO(text[1:])))["template"] == "'=[x]"
    assert json.loads(act(curator, "export_json").content)["prompts"][0]["slug"] == "a"
    assert yaml.safe_load(act(curator, "export_yaml").content)[0]["template"] == "=[x]"


def test_coverage_marks_shelves_far_from_their_target(curator: Client) -> None:
    factories.make_prompt("a", category=factories.make_category("letters"))
    factories.make_prompt("b", category=factories.make_category("poems"))
    Category.objects.filter(slug="letters").update(target=1)
    Category.objects.filter(slug="poems").update(target=10)
    context = curator.get(f"{LIST}coverage/").context
    found = {cover.shelf.slug: (cover.percent, cover.is_off) for cover in context["covers"]}
    assert found == {"letters": (100, False), "poems": (10, True)}


def test_near_duplicates_are_listed_with_how_near(curator: Client) -> None:
    for slug in ("a", "b"):
        factories.make_prompt(slug, template=f"{words(40, 'same')} {slug} [x]")
    factories.make_prompt("c", template=words(40, "other"))
    ((pair, percent),) = curator.get(f"{LIST}duplicates/").context["pairs"]
    assert ({pair.one.slug, pair.other.slug}, percent > 80) == ({"a", "b"}, True)
    assert curator.get(f"{LIST}duplicates/?least=junk").status_code == 200


class TestVersions:
    @pytest.fixture
    def prompt(self) -> Prompt:
        prompt = factories.make_prompt("a", template="Write to [topic].")
        prompt.template = "Write a letter to [topic]."
        prompt.save()
        return prompt

    def test_two_stand_side_by_side(self, curator: Client, prompt: Prompt) -> None:
        page = curator.get(f"{LIST}{prompt.pk}/versions/").content.decode()
        assert "<ins>" in page
        assert "Restore version 1" in page
        assert curator.get(f"{LIST}{prompt.pk}/versions/?left=99&right=x").status_code == 200

    def test_an_earlier_one_is_restored_as_the_newest(
        self, curator: Client, prompt: Prompt
    ) -> None:
        curator.post(f"{LIST}{prompt.pk}/versions/", {"number": "1"})
        prompt.refresh_from_db()
        assert (prompt.template, prompt.version, prompt.status) == (
            *("Write to [topic].", 3),
            Status.PUBLISHED,
        )

    def test_one_with_other_variables_becomes_a_draft(
        self, curator: Client, prompt: Prompt
    ) -> None:
        prompt.versions.filter(number=1).update(template="Write to [somebody].")
        answer = curator.post(f"{LIST}{prompt.pk}/versions/", {"number": "1"}, follow=True)
        assert "[somebody], [topic]" in answer.content.decode()
        prompt.refresh_from_db()
        assert prompt.status == Status.DRAFT


@pytest.mark.parametrize("path", ["coverage/", "duplicates/", "import/", "1/versions/"])
def test_strangers_see_none_of_it(client: Client, path: str) -> None:
    assert client.get(f"{LIST}{path}").status_code == 302
