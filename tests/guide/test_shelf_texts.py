"""The texts above the shelves: read, checked, loaded, and a curator's edit is kept."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from guide.content.loading import load
from guide.content.reports.introductions import introduction_reports
from guide.models import Category
from tests.guide.content_files import Folder, words

INDEX, SHELF = "writing/index", "writing/plain-language"


def text(seed: str, count: int = 80, techniques: str = "[token]") -> str:
    return f"---\ntechniques: {techniques}\n---\n\n{words(count, seed)}\n"


@pytest.fixture
def written(folder: Folder) -> Folder:
    folder.shelf_texts = {INDEX: text("top"), SHELF: text("shelf")}
    return folder


class TestChecking:
    def test_a_good_text_has_no_problem_and_no_warning(self, written: Folder) -> None:
        assert written.errors() == []
        assert list(introduction_reports(written.read())) == []

    def test_a_missing_text_is_a_warning_and_no_error(self, folder: Folder) -> None:
        assert folder.errors() == []
        assert list(introduction_reports(folder.read())) == [
            "categories/writing/index.md:1: The shelf Writing has no introduction yet.",
            "categories/writing/plain-language.md:1: "
            "The shelf Plain language has no introduction yet.",
        ]

    @pytest.mark.parametrize("count", [59, 121])
    def test_a_text_that_is_too_short_or_too_long_is_named(
        self, written: Folder, count: int
    ) -> None:
        written.shelf_texts[SHELF] = text("shelf", count)
        assert written.errors() == [
            f"categories/{SHELF}.md:4: The introduction has {count} words; it needs 60 to 120."
        ]

    def test_a_technique_that_does_not_exist_is_named_with_its_line(self, written: Folder) -> None:
        written.shelf_texts[INDEX] = text("top", techniques="[token, magic]")
        assert written.errors() == [f"categories/{INDEX}.md:2: There is no definition 'magic'."]

    def test_a_text_for_no_shelf_is_an_error(self, written: Folder) -> None:
        written.shelf_texts["writing/poems"] = text("poems")
        (error,) = written.errors()
        assert "belongs to no shelf" in error


@pytest.mark.django_db
class TestLoading:
    def test_texts_and_techniques_are_stored_and_shown(
        self, written: Folder, client: Client
    ) -> None:
        load(written.read())
        row = Category.objects.get(slug="plain-language")
        assert row.introduction_html.startswith("<p>shelf0")
        assert [technique.slug for technique in row.techniques.all()] == ["token"]
        page = client.get("/prompts/category/writing/plain-language/").content.decode()
        assert "shelf79" in page
        assert "/glossary/token/" in page or "/prompts/technique/token/" in page

    def test_loading_twice_changes_nothing(self, written: Folder) -> None:
        load(written.read())
        assert not load(written.read()).has_changes

    def test_an_edit_is_kept_until_the_file_changes_too(self, written: Folder) -> None:
        load(written.read())
        row = Category.objects.get(slug="writing")
        row.introduction = "Mine."
        row.save()
        assert load(written.read()).conflicts == []
        written.shelf_texts[INDEX] = text("newer")
        (conflict,) = load(written.read()).conflicts
        assert "edited in the admin" in conflict
        assert Category.objects.get(slug="writing").introduction == "Mine."
        load(written.read(), force=True)
        assert Category.objects.get(slug="writing").introduction.startswith("newer0")

    def test_the_admin_asks_for_the_same_length(self, written: Folder, client: Client) -> None:
        load(written.read())
        client.force_login(User.objects.create_superuser("curator"))
        row = Category.objects.get(slug="writing")
        values = {"slug": row.slug, "name": row.name, "order": 1, "target": 0}
        url = f"/admin/guide/category/{row.pk}/change/"
        answer = client.post(url, values | {"introduction": "Too short."})
        assert "it needs 60 to 120" in answer.content.decode()
        assert client.post(url, values | {"introduction": words(70, "x")}).status_code == 302
