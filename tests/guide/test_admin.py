"""Curators write in the admin under the same rules as the files, and are told in words."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from guide.content.loading import load
from guide.models import Definition, Example, Group, Prompt, Status
from tests import factories
from tests.guide.content_files import Folder, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("curator"))
    return client


@pytest.fixture
def token(folder: Folder) -> Definition:
    """A good definition, with three others beside it."""
    load(folder.read())
    return Definition.objects.get(slug="token")


def form_of(response: Any) -> dict[str, Any]:
    """What a browser would send if nothing was changed: every form and formset of the page."""
    admin_form = response.context["adminform"].form
    forms = [admin_form]
    data: dict[str, Any] = {}
    for inline in response.context["inline_admin_formsets"]:
        formset = inline.formset
        forms += [formset.management_form, *formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            if isinstance(value, list | tuple | set):
                value = [getattr(item, "pk", item) for item in value]
            data[bound.html_name] = "on" if value is True else value
    for name, field in admin_form.fields.items():
        if field.__class__.__name__ == "JSONField":
            data[name] = admin_form[name].value()
    return data


def change_url(row: Any) -> str:
    return reverse(f"admin:guide_{row._meta.model_name}_change", args=[row.pk])


def save(client: Client, row: Any, **changes: Any) -> Any:
    data = form_of(client.get(change_url(row)))
    return client.post(change_url(row), data | changes)


def errors_of(response: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", text)


def test_saving_a_page_without_a_change_leaves_it_as_the_file_says(
    curator: Client, token: Definition, folder: Folder
) -> None:
    prompt = Prompt.objects.get(slug="rain-letter")
    for row in (token, prompt, token.examples.get(number=1)):
        response = save(curator, row)
        assert response.status_code == 302, errors_of(response)
    report = load(folder.read())
    assert (report.kept, report.conflicts, report.unchanged) == ([], [], 7)


def test_an_edit_is_saved_shown_and_kept_by_the_next_load(
    curator: Client, token: Definition, folder: Folder
) -> None:
    assert save(curator, token, short="Edited in\r\nthe admin.").status_code == 302
    token.refresh_from_db()
    assert token.short == "Edited in\nthe admin."
    assert load(folder.read()).kept == ["token"]
    assert b"the admin." in curator.get("/glossary/token/").content


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"full": "Too short."}, "The full has 2 words; it needs 250 to 500."),
        ({"practice": ""}, "This field is required."),
        ({"aliases": '["Training thing"]'}, "is already a name of training."),
        ({"aliases": '{"a": 1}'}, "Write the aliases as a list"),
        ({"aliases": "not json"}, "Enter a valid JSON."),
        ({"slug": "training"}, "is already a name of training."),
        ({"related": []}, "This field is required."),
        ({"faqs-0-answer": "Too short."}, "it needs 30 to 90"),
        ({"faqs-0-DELETE": "on"}, "At least 3 questions are needed."),
        ({"sources-0-DELETE": "on"}, "At least 1 source is needed."),
        ({"sources-0-url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"sources-0-url": "data:text/html,x"}, "Enter a valid URL."),
    ],
)
def test_a_published_definition_that_breaks_a_rule_is_refused_in_words(
    curator: Client, token: Definition, changes: dict[str, Any], sentence: str
) -> None:
    response = save(curator, token, **changes)
    assert response.status_code == 200
    assert sentence in errors_of(response)


def test_a_draft_may_be_unfinished(curator: Client, token: Definition) -> None:
    response = save(curator, token, status="draft", full="Too short.", **{"faqs-0-DELETE": "on"})
    assert response.status_code == 302, errors_of(response)
    refused = save(curator, Definition.objects.get(slug="token"), status="published")
    assert "it needs 250 to 500" in errors_of(refused)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"template": "Too short [topic]."}, "it needs 40 to 220"),
        ({"template": words(50, "x")}, "but [topic] is not used"),
        ({"template": words(50, "x") + " [topic] [other]"}, "[other] stands in the text"),
        ({"variables-0-default": ""}, "every text must run as it stands"),
        ({"variables-0-kind": "number"}, "is not a number"),
        ({"variables-0-kind": "choice"}, "at least two different options"),
        ({"variables-0-DELETE": "on"}, "[topic] stands in the text"),
        ({"answer_check": '{"lines": 9}'}, "the check asks for 9"),
        ({"answer_check": '{"colour": 9}'}, "Write a check like"),
        ({"answer_check": "[1]"}, "Write a check like"),
        ({"settings": '{"temperature": 9}'}, "between 0 and 2"),
        ({"settings": '{"warmth": 9}'}, "Write settings like"),
        ({"settings": '{"top_k": "many"}'}, "Write settings like"),
        ({"settings": "[1]"}, "Write settings like"),
        ({"audience": "nobody"}, "is not one of"),
        ({"title": "x" * 71}, "at most 70 characters"),
    ],
)
@pytest.mark.usefixtures("token")
def test_a_published_prompt_that_breaks_a_rule_is_refused_in_words(
    curator: Client, changes: dict[str, Any], sentence: str
) -> None:
    response = save(curator, Prompt.objects.get(slug="rain-letter"), **changes)
    assert response.status_code == 200
    assert sentence in errors_of(response).replace("&#x27;", "'")


def test_an_example_is_edited_with_its_variables(curator: Client, token: Definition) -> None:
    example = token.examples.get(number=1)
    refused = save(curator, example, prompt="Explain [subject].")
    assert "[subject] stands in the text" in errors_of(refused)
    saved = save(curator, example, prompt="Explain [subject].", **{"variables-0-name": "subject"})
    assert saved.status_code == 302
    assert Example.objects.get(pk=example.pk).variables.get().name == "subject"


def test_a_new_definition_is_written_from_nothing(curator: Client) -> None:
    group = factories.make_group()
    url = reverse("admin:guide_definition_add")
    data = form_of(curator.get(url)) | {
        "status": "draft",
        "term": "Prefill",
        "slug": "prefill",
        "aliases": "[]",
        "group": group.pk,
        "level": "basic",
        "short": "x",
        "full": "x",
        "etymology": "x",
        "practice": "x",
        "related": [factories.make_definition().pk],
        "reviewed": "2026-11-23",
    }
    response = curator.post(url, data)
    assert response.status_code == 302, errors_of(response)
    assert Definition.objects.get(slug="prefill").status == Status.DRAFT
    assert Group.objects.count() == 1


def run_action(client: Client, row: Any, action: str) -> str:
    url = reverse(f"admin:guide_{row._meta.model_name}_changelist")
    data = {"action": action, "_selected_action": [row.pk]}
    return errors_of(client.post(url, data, follow=True))


def test_actions_move_rows_between_the_states(curator: Client, token: Definition) -> None:
    for action, status in (
        ("back_to_draft", Status.DRAFT),
        ("send_to_review", Status.REVIEW),
        ("publish", Status.PUBLISHED),
    ):
        assert f"1 now: {status.label.lower()}." in run_action(curator, token, action)
        token.refresh_from_db()
        assert token.status == status


def test_what_breaks_a_rule_is_not_published_and_the_reason_is_told(curator: Client) -> None:
    bare = factories.make_definition("bare", status=Status.DRAFT)
    said = run_action(curator, bare, "publish")
    assert "Bare stays as it is." in said
    assert "it needs 250 to 500" in said
    bare.refresh_from_db()
    assert bare.status == Status.DRAFT
    prompt = factories.make_prompt(status=Status.DRAFT)
    assert "stays as it is" in run_action(curator, prompt, "publish")


def test_the_history_shows_who_changed_what(curator: Client, token: Definition) -> None:
    save(curator, token, short="Edited in the admin.")
    url = reverse("admin:guide_definition_history", args=[token.pk])
    shown = errors_of(curator.get(url))
    assert "Edited in the admin." in shown
    assert "A token is a thing that stands alone." in shown
    assert "curator" in shown
    assert "The content loader" in shown
    first = token.history.last()
    page = reverse("admin:guide_definition_simple_history", args=[token.pk, first.pk])
    assert curator.get(page).status_code == 200


def test_a_page_links_to_the_site_or_to_its_preview(curator: Client, token: Definition) -> None:
    page = curator.get(change_url(token)).content.decode()
    assert "/preview/definition/token/" in page
    assert 'href="/glossary/token/"' in page
    token.status = Status.DRAFT
    token.save()
    page = curator.get(change_url(token)).content.decode()
    assert 'href="/glossary/token/"' not in page


LISTS = ["definition", "prompt", "example", "group", "category", "tag"]


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.usefixtures("token")
def test_lists_search_and_add_pages_open(curator: Client, model: str) -> None:
    url = reverse(f"admin:guide_{model}_changelist")
    assert curator.get(url).status_code == 200
    assert curator.get(f"{url}?q=token").status_code == 200
    assert curator.get(reverse(f"admin:guide_{model}_add")).status_code == 200


def test_lists_filter_by_what_curators_ask_for(curator: Client, token: Definition) -> None:
    url = reverse("admin:guide_definition_changelist")
    assert "4 definitions" in errors_of(curator.get(f"{url}?status__exact=published"))
    assert "0 definitions" in errors_of(curator.get(f"{url}?status__exact=draft"))
    url = reverse("admin:guide_prompt_changelist")
    parent = Prompt.objects.get(slug="rain-letter").category.parent
    assert parent is not None
    query = f"?tier__exact=S&category__parent__id__exact={parent.pk}"
    assert "3 prompts" in errors_of(curator.get(url + query))


def test_no_admin_page_needs_an_inline_script_or_style(curator: Client, token: Definition) -> None:
    prompt = Prompt.objects.get(slug="rain-letter")
    save(curator, token, short="Edited in the admin.")
    urls = [reverse("admin:index"), change_url(token), change_url(prompt)]
    urls += [reverse("admin:guide_definition_changelist"), reverse("admin:guide_prompt_add")]
    urls += [reverse("admin:guide_definition_history", args=[token.pk])]
    urls += [change_url(token.examples.get(number=1))]
    for url in urls:
        page = curator.get(url).content.decode()
        assert not re.search(r"<[^>]+\sstyle=", page), url
        assert not re.search(r"<[^>]+\son\w+=", page), url
        for attributes in re.findall(r"<script([^>]*)>", page):
            assert "src=" in attributes or "application/json" in attributes, url


def test_what_a_curator_pastes_is_shown_as_text(curator: Client) -> None:
    nasty = "<script>alert(1)</script>"
    row = factories.make_definition("nasty", term=nasty, short=nasty, aliases=[nasty])
    for url in (reverse("admin:guide_definition_changelist"), change_url(row), "/glossary/nasty/"):
        assert nasty not in curator.get(url).content.decode()
    for url in ("/glossary/", "/feed.atom", "/search/?q=script", "/preview/definition/nasty/"):
        assert nasty not in curator.get(url).content.decode()


def test_only_staff_enter(client: Client) -> None:
    client.force_login(User.objects.create_user("reader"))
    assert client.get(reverse("admin:guide_definition_changelist")).status_code == 302
