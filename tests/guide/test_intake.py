"""Prompts from a file: every row is judged in words before anything is written."""

import csv
import json
from io import StringIO
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guide.intake.proposals import propose
from guide.intake.tables import FileRefused, read_rows
from guide.models import Prompt, Status, Upload
from guide.spreadsheet import write_csv
from tests import factories
from tests.guide.content_files import words

pytestmark = pytest.mark.django_db
Values = dict[str, Any]
IMPORT = "/admin/guide/prompt/import/"


@pytest.fixture(autouse=True)
def shelf() -> None:
    factories.make_category("letters")


@pytest.fixture
def curator(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("curator"))
    return client


def row(slug: str = "a-letter", **values: Any) -> Values:
    good = {"slug": slug, "title": slug.capitalize(), "subcategory": "letters", "description": "A."}
    return good | {"template": f"{words(50, slug)} for [person]."} | values


def sheet(*rows: Values) -> bytes:
    out = StringIO()
    writer = csv.DictWriter(out, list(dict.fromkeys(key for each in rows for key in each)))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def proposals(*rows: Values) -> list[Any]:
    return propose(read_rows("prompts.csv", sheet(*rows)))


class TestFiles:
    @pytest.mark.parametrize(
        ("name", "body", "sentence"),
        [
            ("p.csv", "title,template,subcategory\nÄ,b,c".encode("latin-1"), "line 2 holds a byte"),
            ("p.csv", b"title,subcategory\na,b", "template is missing"),
            ("p.csv", b"title,template\na,b", "subcategory is missing"),
            ("p.csv", b"title,title,template,category\n", "named twice"),
            ("p.csv", b'title,template,category\n"a', "is no CSV"),
            ("p.csv", b"title,template,category\n", "no prompts"),
            ("p.csv", b"a\0b", "NUL"),
            ("p.json", b"{", "no JSON"),
            ("p.json", b'{"a": 1}', "list of prompts"),
            ("p.json", b"[" * 100_000, "no JSON"),
            ("p.yaml", b"a: !!python/object/apply:os.system [ls]", "tag"),
            ("p.yaml", b"a: &a [x]\nb: *a", "Anchors"),
            ("p.xlsx", b"PK", "no .csv, .json or .yaml"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_refused_in_words(
        self, name: str, body: bytes, sentence: str
    ) -> None:
        with pytest.raises(FileRefused, match=sentence):
            read_rows(name, body)

    def test_spreadsheets_of_other_habits_are_read(self) -> None:
        text = "Title;Template;Category\r\nA;Write [x];letters\r\n"
        for body in (text.encode("utf-8-sig"), text.encode("utf-16")):
            (found,) = read_rows("P.CSV", body)
            assert found.values == {"title": "A", "template": "Write [x]", "category": "letters"}

    def test_too_many_rows_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("guide.intake.tables.MOST_ROWS", 2)
        with pytest.raises(FileRefused, match="3 rows; 2 is the most"):
            read_rows("p.csv", sheet(row("a"), row("b"), row("c")))


class TestRows:
    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"title": "=1+1"}, "title begins like a formula"),
            ({"title": ""}, "The title is empty."),
            ({"template": ""}, "The template is empty."),
            ({"subcategory": "nowhere"}, "There is no shelf 'nowhere'."),
            ({"technique": "magic"}, "There is no definition 'magic'."),
            ({"tier": "XL"}, "'XL' is not one of: S, M, C."),
            ({"title": "x" * 71}, "The title has 71 characters; at most 70 fit."),
            ({"slug": "A b"}, "must be lower-case"),
            ({"variables": "{"}, "variables is not the JSON"),
            ({"variables": '[{"name": "x", "label": "X", "default": "y"}]'}, "[person] stands in"),
            ({"settings": '{"temperature": 9}'}, "temperature is 9.0"),
        ],
    )
    def test_a_row_that_does_not_fit_says_why(self, values: Values, sentence: str) -> None:
        good, bad = proposals(row("good"), row("bad") | values)
        assert (good.kind, bad.kind, bad.number) == ("new", "refused", 3)
        assert sentence in " ".join(bad.problems)

    def test_the_second_row_of_a_slug_is_stopped(self) -> None:
        first, second = proposals(row("same"), row("same"))
        assert (first.kind, second.kind) == ("new", "refused")
        assert second.problems == ["The slug same stands in row 2 already."]

    def test_a_short_template_is_told_but_not_stopped(self) -> None:
        (short,) = proposals(row(template="Write to [person]."))
        assert short.kind == "new"
        assert "it needs 40 to 220" in " ".join(short.notes)

    @pytest.mark.parametrize(
        "template", ["Write to {{name}} now.", "Write to ${name} now.", "Write to [[name]] now."]
    )
    def test_foreign_variables_become_ours(self, template: str) -> None:
        (found,) = proposals(row(template=template))
        assert found.record.template == "Write to [name] now."
        assert [variable.name for variable in found.record.variables] == ["name"]
        assert "were turned into [name]" in found.notes[0]

    def test_what_the_library_gives_comes_back_unchanged(self) -> None:
        template = f"- {words(50, 'x')} [tone], [n]?"
        choice = {"name": "tone", "kind": "choice", "options": ["calm", "brisk"], "default": "calm"}
        number = {"name": "n", "kind": "number", "default": "-3", "number": 2}
        factories.make_prompt(
            "round",
            template=template,
            variables=[choice, number],
            tags=["plain"],
            category=factories.make_category("letters"),
            settings={"temperature": 0.3},
            answer_check={"max_words": 9, "contains": ["answer"]},
        )
        from guide.documents import prompt_values

        values = [prompt_values(prompt) for prompt in Prompt.objects.with_parts()]
        files = {
            "p.csv": write_csv(values),
            "p.json": json.dumps({"prompts": values}),
            "p.yaml": yaml.safe_dump(values),
        }
        for name, text in files.items():
            (found,) = propose(read_rows(name, text.encode()))
            assert (found.kind, found.changes, found.problems) == ("unchanged", [], []), name


class TestAdmin:
    def send(self, curator: Client, body: bytes, name: str = "prompts.csv") -> Any:
        file = SimpleUploadedFile(name, body)
        return curator.post(IMPORT, {"file": file}, follow=True)

    def test_the_preview_names_rows_and_reasons_and_writes_nothing(self, curator: Client) -> None:
        factories.make_prompt("old", template=f"{words(50, 'old')} [person]")
        near = row("near", template=f"{words(50, 'old')} and [person]")
        page = self.send(curator, sheet(row("fine"), row("bad", title="=1"), near, row("old")))
        text = page.content.decode()
        assert "<b>2</b> new, <b>1</b> changed" in text
        assert "title begins like a formula" in text
        assert "nearly repeats old" in text
        assert Prompt.objects.count() == 1

    def test_nothing_is_half_imported(self, curator: Client) -> None:
        page = self.send(curator, sheet(row("fine"), row("bad", title="")))
        url = page.redirect_chain[-1][0]
        answer = curator.post(url, follow=True)
        assert "Nothing was written. 1 rows have problems." in answer.content.decode()
        assert Prompt.objects.count() == 0
        curator.post(url, {"without_refused": "on"})
        prompt = Prompt.objects.get()
        assert (prompt.slug, prompt.status, prompt.loaded_digest) == ("fine", Status.DRAFT, "")
        assert [variable.name for variable in prompt.variables.all()] == ["person"]
        assert Upload.objects.count() == 0

    def test_a_changed_prompt_keeps_its_status_and_gets_a_version(self, curator: Client) -> None:
        factories.make_prompt("old", template="Old [person].")
        url = self.send(curator, sheet(row("old"))).redirect_chain[-1][0]
        curator.post(url)
        prompt = Prompt.objects.get()
        assert (prompt.status, prompt.version) == (Status.PUBLISHED, 2)

    def test_a_library_that_changed_meanwhile_is_looked_at_again(self, curator: Client) -> None:
        url = self.send(curator, sheet(row("fine"))).redirect_chain[-1][0]
        factories.make_prompt("meanwhile")
        answer = curator.post(url, follow=True)
        assert "Look at the rows again" in answer.content.decode()
        curator.post(url)
        assert Prompt.objects.filter(slug="fine").exists()

    def test_more_than_the_database_can_take_at_once_is_refused(
        self, curator: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("guide.intake.bringing_in.MOST_AT_ONCE", 1)
        url = self.send(curator, sheet(row("one"), row("two"))).redirect_chain[-1][0]
        answer = curator.post(url, follow=True).content.decode()
        assert "2 prompts at once are too many; 1 is the most." in answer
        assert Prompt.objects.count() == 0

    def test_a_dropped_file_leaves_nothing(self, curator: Client) -> None:
        url = self.send(curator, sheet(row("fine"))).redirect_chain[-1][0]
        curator.post(url, {"drop": "1"})
        assert (Prompt.objects.count(), Upload.objects.count()) == (0, 0)

    def test_a_file_that_cannot_be_read_is_told_at_the_field(self, curator: Client) -> None:
        page = self.send(curator, b"title,template,subcategory\n\xe4,b,c")
        assert "Save it as CSV UTF-8" in page.content.decode()
        assert Upload.objects.count() == 0

    def test_what_a_row_holds_is_shown_as_text(self, curator: Client) -> None:
        page = self.send(curator, sheet(row("x", title="<script>alert(1)</script>")))
        assert "<script>alert" not in page.content.decode()

    def test_only_curators_come_in_and_see_their_own_file(self, curator: Client) -> None:
        url = self.send(curator, sheet(row("fine"))).redirect_chain[-1][0]
        other = Client()
        assert other.get(url).status_code == 302
        other.force_login(User.objects.create_user("reader", is_staff=True))
        assert other.get(url).status_code == 403
        other.force_login(User.objects.create_superuser("second"))
        assert other.get(url).status_code == 404
