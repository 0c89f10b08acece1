"""The library as files: paged JSON, a spreadsheet without formulas, Markdown by category."""

import csv
import json
from io import StringIO

import pytest
from django.test import Client

from guide.spreadsheet import BOM, COLUMNS, safe, unsafe
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def library() -> None:
    for number in range(3):
        factories.make_prompt(f"a{number}", tier="S", tags=["plain", "letters"])
    code = factories.make_category("code", "software")
    factories.make_prompt("m", tier="M", category=code, template="=SUM(A1) [x]\n## Not a heading")


def table(client: Client, query: str = "") -> list[dict[str, str]]:
    text = client.get(f"/prompts.csv{query}").content.decode()
    assert text.startswith(BOM)
    return list(csv.DictReader(StringIO(text.removeprefix(BOM))))


def test_json_holds_everything_and_takes_the_filters(client: Client) -> None:
    values = client.get("/prompts.json").json()
    assert (values["count"], values["page"], values["pages"], values["next"]) == (4, 1, 1, None)
    assert {prompt["slug"] for prompt in values["prompts"]} == {"a0", "a1", "a2", "m"}
    few = client.get("/prompts.json?tier=M&category=software").json()
    assert [prompt["slug"] for prompt in few["prompts"]] == ["m"]


def test_json_comes_in_pages_that_link_to_each_other(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guide.views.prompt_exports.PER_PAGE", 3)
    first = client.get("/prompts.json?sort=title").json()
    second = client.get(first["next"].removeprefix("http://testserver")).json()
    assert [len(first["prompts"]), len(second["prompts"])] == [3, 1]
    assert second["previous"] == "http://testserver/prompts.json?sort=title&page=1"
    assert client.get("/prompts.json?page=3").status_code == 404
    assert client.get("/prompts.json?page=1e9").json()["page"] == 1
    assert client.get("/prompts.json?sort=status").status_code == 400


def test_what_did_not_change_is_not_sent_again(client: Client) -> None:
    for path in ("/prompts.json", "/prompts.csv", "/prompts/category/software.md"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_the_spreadsheet_has_a_row_a_prompt_and_no_formula(client: Client) -> None:
    rows = table(client)
    assert tuple(rows[0]) == COLUMNS
    by_slug = {row["slug"]: row for row in rows}
    assert by_slug["m"]["template"] == "'=SUM(A1) [x]\n## Not a heading"
    assert by_slug["a0"]["tags"] == "letters; plain"
    assert json.loads(by_slug["a0"]["variables"])[0]["name"] == "topic"
    assert [row["slug"] for row in table(client, "?tier=M")] == ["m"]


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "''", "", "plain"])
def test_a_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert safe(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert unsafe(safe(cell)) == cell


def test_markdown_comes_by_category(client: Client) -> None:
    index = client.get("/prompts.md").content.decode()
    assert "(http://testserver/prompts/category/software.md): 1 prompts" in index
    text = client.get("/prompts/category/software.md").content.decode()
    assert text.startswith("# Software\n\n## M\n\n")
    assert "### Prompt\n\n```\n=SUM(A1) [x]\n## Not a heading\n```" in text
    assert client.get("/prompts/category/nothing.md").status_code == 404
    assert "## A0" in client.get("/prompts.md?tag=plain").content.decode()
