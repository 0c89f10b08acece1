"""A contrast is read, ruled, loaded, shown, run and found like every other page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client

from guide.content.loading import load
from guide.content.records import digest
from guide.content.rows import contrast_record
from guide.models import Contrast, Definition, Example, Group, Status
from guide.search import search
from inference.sources import UnknownSource, find_source
from tests import factories
from tests.guide.content_files import Folder, words
from tests.guide.test_admin import errors_of, save
from tests.guide.test_pages import graph_of

pytestmark = pytest.mark.django_db
Change = Callable[[Folder], object]


@pytest.fixture
def compared(folder: Folder) -> Folder:
    folder.add_contrast("token", "training")
    return folder


@pytest.fixture
def pair() -> Contrast:
    """Top-k against top-p, with a run for each side."""
    left = factories.make_definition("top-k", term="Top-k", aliases=["k sampling"])
    right = factories.make_definition("top-p", term="Top-p", aliases=["nucleus sampling"])
    row = factories.make_contrast(
        "top-k-vs-top-p", title="Top-k vs top-p", left=left, right=right, aliases=["k vs p"]
    )
    for prompt in ("Say [word].", "Write [word]."):
        factories.make_example(row, prompt=prompt)
    factories.make_faq(row, question="Can both be set?")
    factories.make_source(row)
    return row


def set_contrast(key: str, value: object) -> Change:
    return lambda folder: folder.contrasts["token-vs-training"].update({key: value})


def set_section(name: str, text: str) -> Change:
    return lambda folder: folder.contrast_sections["token-vs-training"].update({name: text})


def set_group(key: str, value: object) -> Change:
    return lambda folder: folder.group.update({key: value})


def introduce(text: str) -> Change:
    return lambda folder: setattr(folder, "introduction", text)


def test_a_good_contrast_breaks_no_rule(compared: Folder) -> None:
    assert compared.errors() == []


BROKEN: list[tuple[Change, str]] = [
    (set_contrast("slug", "token-and-training"), "reads like a-vs-b"),
    (set_contrast("slug", "token-vs-word"), "must be token-vs-word.md"),
    (set_contrast("title", ""), "The title is empty"),
    (set_contrast("short", words(60, "short")), "at most 240 fit"),
    (set_contrast("left", {"name": "", "slug": "token"}), "The left name is empty"),
    (set_contrast("left", {"name": "Word", "slug": "word"}), "no definition 'word'"),
    (set_contrast("left", {"name": "Training", "slug": "model"}), "are the same"),
    (set_contrast("right", {"name": "Other", "slug": "token"}), "are the same"),
    (set_contrast("aliases", ["tokens"]), "must read like a vs b"),
    (set_contrast("aliases", ["a vs b", "A vs b"]), "names something twice"),
    (set_contrast("rows", [{"aspect": "a", "left": "b", "right": "c"}]), "it needs 5 to 9"),
    (set_contrast("rows", [{"aspect": "a", "left": "b"}]), "The key right is missing"),
    (set_contrast("faq", []), "At least 2 questions"),
    (set_contrast("sources", []), "At least 1 source"),
    (set_contrast("examples", []), "side: left first"),
    (set_section("The difference", words(160, "x")), "it needs 2 to 4"),
    (set_section("The difference", "Too\n\nshort."), "it needs 150 to 350"),
    (set_section("When to use which", "# Loud " + words(90, "x")), "headings begin with ###"),
]


@pytest.mark.parametrize(("change", "sentence"), BROKEN)
def test_a_contrast_that_breaks_a_rule_is_refused(
    compared: Folder, change: Change, sentence: str
) -> None:
    change(compared)
    errors = [error for error in compared.errors() if sentence in error]
    assert errors, compared.errors()
    assert errors[0].startswith("contrasts/token-vs-training.md:")


def test_a_cell_is_short(compared: Folder) -> None:
    compared.contrasts["token-vs-training"]["rows"][2]["left"] = "x" * 161
    assert "The rows left has 161 characters; at most 160 fit." in compared.errors()[0]


def test_examples_show_the_left_side_first(compared: Folder) -> None:
    compared.contrasts["token-vs-training"]["examples"].reverse()
    assert "side: left first, then side: right" in compared.errors()[0]


def test_no_pair_is_compared_twice(compared: Folder) -> None:
    compared.add_contrast("training", "token")
    assert any("The pair of sides is taken by" in error for error in compared.errors())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (set_group("order", ["model", "token", "training"]), "leaves out sampling"),
        (set_group("order", ["model", "token", "sampling", "x"]), "'x' is no term of this group"),
        (set_group("order", ["model", "model"]), "names something twice"),
        (set_group("position", 0), "is 1 or more"),
        (set_group("slug", "others"), "must be others.md"),
        (introduce("Too short."), "it needs 60 to 200"),
    ],
)
def test_a_group_that_breaks_a_rule_is_refused(
    folder: Folder, change: Change, sentence: str
) -> None:
    change(folder)
    assert any(sentence in error for error in folder.errors()), folder.errors()


def test_a_contrast_is_loaded_once_and_reads_back_as_its_file(compared: Folder) -> None:
    library = compared.read()
    assert "token-vs-training" in load(library).created
    row = Contrast.objects.published().get()
    assert digest(contrast_record(row)) == digest(library.contrasts[0].record) == row.loaded_digest
    assert (row.left, row.right_name) == (Definition.objects.get(slug="token"), "Training")
    assert not load(compared.read()).has_changes
    group = Group.objects.get()
    assert group.learning_order == ["model", "token", "training", "sampling"]
    assert "<p>introduction0" in group.introduction_html


def test_an_edited_contrast_is_kept_and_a_vanished_one_leaves_the_site(compared: Folder) -> None:
    load(compared.read())
    Contrast.objects.update(short="Edited by hand.")
    assert load(compared.read()).kept == ["token-vs-training"]
    Contrast.objects.update(short=compared.contrasts["token-vs-training"]["short"])
    compared.contrasts.clear()
    assert load(compared.read()).retired == ["token-vs-training"]
    assert search("token vs training").hits[0].kind == "definition"


def test_the_tier_of_an_example_is_kept(compared: Folder) -> None:
    compared.definitions["token"]["examples"][1]["tier"] = "M"
    load(compared.read())
    tiers = Example.objects.filter(definition__slug="token").values_list("tier", flat=True)
    assert list(tiers) == ["S", "M"]


def test_the_page_shows_the_table_a_run_for_each_side_and_both_terms(
    client: Client, pair: Contrast
) -> None:
    response = client.get("/glossary/top-k-vs-top-p/")
    body = response.content.decode()
    assert [name for name, _ in response.context["examples"]] == ["Top-k", "Top-p"]
    assert 'data-ref="top-k-vs-top-p/1"' in body
    assert 'data-ref="top-k-vs-top-p/2"' in body
    assert '<th scope="row" role="rowheader">When</th>' in body
    for url in ("/glossary/top-k/", "/glossary/top-p/", "/glossary/top-k-vs-top-p.md"):
        assert f'href="{url}"' in body
    nodes = {str(node["@type"]): node for node in graph_of(body)}
    assert [term["@id"] for term in nodes["['TechArticle', 'LearningResource']"]["about"]] == [
        "http://testserver/glossary/top-k/#term",
        "http://testserver/glossary/top-p/#term",
    ]


def test_both_terms_name_the_comparison(client: Client, pair: Contrast) -> None:
    for slug in ("top-k", "top-p"):
        pairs = client.get(f"/glossary/{slug}/").context["pairs"]
        assert [entry.slug for entry in pairs] == ["top-k-vs-top-p"]


@pytest.mark.parametrize(
    "name",
    [
        *("top-p-vs-top-k", "TOP-K-vs-TOP-P", "top_k_vs_top_p", "k-vs-p", "p-vs-k"),
        *("nucleus-sampling-vs-top-k", "k-sampling-vs-nucleus-sampling"),
    ],
)
def test_other_orders_and_names_lead_to_the_page_for_good(
    client: Client, pair: Contrast, name: str
) -> None:
    response = client.get(f"/glossary/{name}/")
    assert (response.status_code, response.headers["Location"]) == (
        301,
        "/glossary/top-k-vs-top-p/",
    )


def test_what_nobody_compares_is_not_found(client: Client, pair: Contrast) -> None:
    for path in ("top-k-vs-gpu/", "gpu-vs-cpu/", "top-p-vs-top-k.md", "x-vs-y.json"):
        assert client.get(f"/glossary/{path}").status_code == 404


def test_an_example_of_a_contrast_runs_like_any_other(client: Client, pair: Contrast) -> None:
    source = find_source("example", "top-k-vs-top-p/2")
    assert (source.template, source.title) == (
        "Write [word].",
        "Top-k vs top-p: An everyday example",
    )
    assert source.url == "/glossary/top-k-vs-top-p/#examples"
    assert [variable.name for variable in source.variables] == ["word"]
    Contrast.objects.update(status=Status.DRAFT)
    with pytest.raises(UnknownSource):
        find_source("example", "top-k-vs-top-p/2")


def test_a_part_belongs_to_one_page(pair: Contrast) -> None:
    values = {"number": 9, "title": "x", "prompt": "x", "why": "x", "answer": "x"}
    for owners in ({}, {"definition": pair.left, "contrast": pair}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Example.objects.create(**values, **owners)


def test_a_contrast_is_found_by_its_words_and_follows_its_changes(pair: Contrast) -> None:
    hit = search("top-k vs top-p").hits[0]
    assert (hit.kind, hit.kind_label, hit.url) == (
        "contrast",
        "Comparison",
        "/glossary/top-k-vs-top-p/",
    )
    factories.make_faq(pair, question="What of umbrellas?")
    assert [hit.title for hit in search("umbrellas").hits] == ["Top-k vs top-p"]
    pair.delete()
    assert search("umbrellas").hits == []


def test_a_contrast_as_markdown_and_json(client: Client, pair: Contrast) -> None:
    text = client.get("/glossary/top-k-vs-top-p.md").content.decode()
    assert "|  | Top-k | Top-p |\n| --- | --- | --- |\n| When | before | after |" in text
    assert "### Top-p: An everyday example" in text
    values = client.get("/glossary/top-k-vs-top-p.json").json()
    assert values["left"] == {"name": "Top-k", "slug": "top-k"}
    assert [example["ref"] for example in values["examples"]] == [
        "top-k-vs-top-p/1",
        "top-k-vs-top-p/2",
    ]


def test_a_draft_contrast_is_previewed_by_staff_only(client: Client, pair: Contrast) -> None:
    Contrast.objects.update(status=Status.DRAFT)
    pair.refresh_from_db()
    pair.save()
    assert client.get("/glossary/top-k-vs-top-p/").status_code == 404
    assert client.get("/preview/contrast/top-k-vs-top-p/").status_code == 302
    client.force_login(User.objects.create_user("curator", is_staff=True))
    assert client.get("/preview/contrast/top-k-vs-top-p/").context["is_preview"] is True


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("curator"))
    return client


def test_a_contrast_saved_without_a_change_stays_as_its_file_says(
    curator: Client, compared: Folder
) -> None:
    load(compared.read())
    row = Contrast.objects.get()
    for saved in (row, row.examples.get(number=2)):
        response = save(curator, saved)
        assert response.status_code == 302, errors_of(response)
    report = load(compared.read())
    assert (report.kept, report.conflicts, report.unchanged) == ([], [], 8)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"usage": "Too short."}, "The usage has 2 words; it needs 80 to 220."),
        ({"rows": '[{"side": 1}]'}, "Write a list of rows"),
        ({"rows": '[{"aspect": "a", "left": "b", "right": "c"}]'}, "it needs 5 to 9"),
        ({"aliases": '{"a": 1}'}, "Write the aliases as a list"),
        ({"left": ""}, ""),
        ({"left": "", "right": ""}, "One side at least"),
        ({"faqs-0-DELETE": "on"}, "At least 2 questions are needed."),
    ],
)
def test_a_published_contrast_keeps_the_rules_in_the_admin(
    curator: Client, compared: Folder, changes: dict[str, Any], sentence: str
) -> None:
    load(compared.read())
    response = save(curator, Contrast.objects.get(), **changes)
    assert response.status_code == (200 if sentence else 302), errors_of(response)
    assert sentence in errors_of(response)
