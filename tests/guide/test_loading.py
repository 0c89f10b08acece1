"""Loading is all or nothing, changes nothing twice, and keeps what curators wrote."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from guide.content import loading
from guide.content.loading import Report, load
from guide.content.records import digest
from guide.content.rows import definition_record, prompt_record
from guide.models import Category, ContentStamp, Definition, Group, Prompt, SearchDocument, Status
from guide.search import search
from tests.guide.content_files import Folder, words

pytestmark = pytest.mark.django_db


def load_folder(folder: Folder, **options: Any) -> Report:
    library = folder.read()
    assert library.errors == []
    return load(library, **options)


def test_a_first_load_publishes_everything(folder: Folder) -> None:
    report = load_folder(folder)
    assert len(report.created) == 7
    token = Definition.objects.published().get(slug="token")
    assert [other.slug for other in token.related.published()] == ["model", "sampling", "training"]
    assert token.examples.get(number=1).variables.get().default == "rain"
    assert token.faqs.count() == 3
    prompt = Prompt.objects.published().get(slug="rain-letter")
    assert prompt.category.parent == Category.objects.get(slug="writing")
    assert [tag.name for tag in prompt.tags.all()] == ["letters", "plain language"]
    assert (prompt.version, prompt.versions.count()) == (1, 1)
    assert Group.objects.get().name == "Foundations"


def test_what_was_loaded_reads_back_as_the_same_record(folder: Folder) -> None:
    folder.prompts[0] |= {
        "check": {"contains": ["rain-letteranswer1"], "max_words": 90},
        "settings": {"temperature": 1, "max_tokens": 80, "stop": ["END"]},
    }
    library = folder.read()
    load(library)
    for placed in library.definitions:
        row = Definition.objects.get(slug=placed.record.slug)
        assert digest(definition_record(row)) == digest(placed.record) == row.loaded_digest
    for placed_prompt in library.prompts:
        prompt = Prompt.objects.get(slug=placed_prompt.record.slug)
        assert digest(prompt_record(prompt)) == digest(placed_prompt.record)


def test_a_second_load_changes_nothing(folder: Folder) -> None:
    load_folder(folder)
    before = snapshot()
    report = load_folder(folder)
    assert (report.unchanged, report.has_changes) == (7, False)
    assert snapshot() == before


def snapshot() -> list[Any]:
    rows: list[Any] = [ContentStamp.current()]
    for model in (Definition, Prompt, SearchDocument, Definition.history.model):
        rows += model.objects.order_by("pk").values()
    return rows


def test_a_changed_file_updates_its_row_only(folder: Folder) -> None:
    load_folder(folder)
    before = {row.slug: row.updated_at for row in Prompt.objects.all()}
    folder.prompts[0]["template"] += " And be brief."
    report = load_folder(folder)
    assert (report.updated, report.unchanged) == (["rain-letter"], 6)
    changed = Prompt.objects.get(slug="rain-letter")
    assert [version.number for version in changed.versions.all()] == [2, 1]
    after = {row.slug: row.updated_at for row in Prompt.objects.all()}
    assert [slug for slug in after if after[slug] != before[slug]] == ["rain-letter"]


def test_the_search_follows_a_changed_file(folder: Folder) -> None:
    load_folder(folder)
    folder.definitions["token"]["short"] = "Now it mentions a zeppelin."
    load_folder(folder)
    assert [hit.title for hit in search("zeppelin").hits] == ["Token"]


def test_an_edit_in_the_admin_is_kept_while_the_file_stays(folder: Folder) -> None:
    load_folder(folder)
    Definition.objects.filter(slug="token").update(short="Edited by hand.")
    report = load_folder(folder)
    assert (report.kept, report.conflicts) == (["token"], [])
    assert Definition.objects.get(slug="token").short == "Edited by hand."


def test_an_edit_below_a_definition_is_an_edit_of_it(folder: Folder) -> None:
    load_folder(folder)
    faq = Definition.objects.get(slug="token").faqs.first()
    assert faq is not None
    faq.answer = "Edited by hand."
    faq.save()
    assert load_folder(folder).kept == ["token"]


def test_when_both_changed_the_row_is_kept_and_the_conflict_told(folder: Folder) -> None:
    load_folder(folder)
    Definition.objects.filter(slug="token").update(short="Edited by hand.")
    folder.definitions["token"]["short"] = "Edited in the file."
    report = load_folder(folder)
    assert "token was edited in the admin" in report.conflicts[0]
    assert Definition.objects.get(slug="token").short == "Edited by hand."


def test_force_lets_the_file_win(folder: Folder) -> None:
    load_folder(folder)
    Definition.objects.filter(slug="token").update(short="Edited by hand.")
    assert load_folder(folder, force=True).updated == ["token"]
    assert Definition.objects.get(slug="token").short == folder.definitions["token"]["short"]


def test_an_edit_brought_into_the_file_ends_the_conflict(folder: Folder) -> None:
    load_folder(folder)
    Definition.objects.filter(slug="token").update(short="Better words.")
    folder.definitions["token"]["short"] = "Better words."
    report = load_folder(folder)
    assert (report.unchanged, report.conflicts) == (7, [])
    folder.definitions["token"]["short"] = "Even better words."
    assert load_folder(folder).updated == ["token"]


def test_a_row_whose_file_vanished_leaves_the_site_and_comes_back(folder: Folder) -> None:
    load_folder(folder)
    taken = folder.prompts.pop(0)
    assert load_folder(folder).retired == ["rain-letter"]
    assert not Prompt.objects.published().filter(slug="rain-letter").exists()
    assert "Rain letter" not in [hit.title for hit in search("rain letter").hits]
    assert not load_folder(folder).has_changes
    folder.prompts.insert(0, taken)
    assert load_folder(folder).updated == ["rain-letter"]
    assert Prompt.objects.published().filter(slug="rain-letter").exists()
    assert not load_folder(folder).has_changes


def test_an_edited_row_whose_file_vanished_stays_and_is_told(folder: Folder) -> None:
    load_folder(folder)
    Prompt.objects.filter(slug="rain-letter").update(title="Edited by hand")
    folder.prompts.pop(0)
    assert "has no file any more" in load_folder(folder).conflicts[0]
    assert Prompt.objects.published().filter(slug="rain-letter").exists()


def test_a_row_made_in_the_admin_is_left_alone(folder: Folder) -> None:
    load_folder(folder)
    Prompt.objects.create(
        slug="by-hand",
        title="By hand",
        template="x",
        category=Category.objects.get(slug="plain-language"),
        status=Status.REVIEW,
    )
    report = load_folder(folder)
    assert (report.conflicts, report.retired) == ([], [])
    assert Prompt.objects.get(slug="by-hand").status == Status.REVIEW


def test_a_curator_takes_a_page_off_the_site_and_a_load_leaves_it_off(folder: Folder) -> None:
    load_folder(folder)
    Definition.objects.filter(slug="token").update(status=Status.DRAFT)
    load_folder(folder)
    assert Definition.objects.get(slug="token").status == Status.DRAFT


def test_a_load_that_fails_half_way_writes_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = folder.read()
    broken = library.prompts[-1]
    library.prompts.append(broken)  # the same slug twice: the database refuses the second
    with pytest.raises(IntegrityError):
        load(library)
    assert not Definition.objects.exists()
    assert not Group.objects.exists()
    assert loading.search.search("token").hits == []


def run_command(folder: Folder, *options: str) -> str:
    folder.write()
    out = StringIO()
    call_command("load_content", *options, folder=folder.path, stdout=out, stderr=out)
    return out.getvalue()


def test_the_command_loads_and_says_what_it_did(folder: Folder) -> None:
    assert "4 definitions, 0 contrasts and 3 prompts: 7 new" in run_command(folder)
    assert "0 new, 0 updated, 7 unchanged" in run_command(folder)


def test_the_check_writes_nothing(folder: Folder) -> None:
    assert "every rule is kept" in run_command(folder, "--check")
    assert not Definition.objects.exists()


def test_the_command_refuses_a_broken_folder_whole(folder: Folder) -> None:
    folder.prompts[0]["title"] = words(30, "title")
    with pytest.raises(CommandError, match="1 problem"):
        run_command(folder)
    assert not Definition.objects.exists()


def test_the_command_says_when_there_is_no_folder(folder: Folder) -> None:
    with pytest.raises(CommandError, match="set CONTENT_DIR"):
        call_command("load_content", folder=folder.path / "nowhere")
