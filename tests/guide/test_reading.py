"""Files are read with their lines, and a hostile or broken file is refused in words."""

import time
from datetime import date

import pytest

from guide.content.building import Problem, build
from guide.content.reading import read_library
from guide.content.records import Variable
from guide.content.tree import MAX_BYTES, ContentError, parse
from tests.guide.content_files import Folder


def test_a_good_folder_becomes_records(folder: Folder) -> None:
    library = folder.read()
    assert library.errors == []
    token = next(placed.record for placed in library.definitions if placed.record.slug == "token")
    assert token.reviewed == date(2026, 11, 23)
    assert token.examples[0].variables[0].default == "rain"
    assert token.full.startswith("token0x0")
    assert library.prompts[0].record.category == "plain-language"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: &x [1]\nb: *x", "Anchors and aliases"),
        ("a: 1\na: 2", "given twice"),
        ("a: !!python/object/apply:os.system ['true']", "not allowed"),
        ("a: !custom 1", "not allowed"),
        ("[" * 5000, "levels of nesting"),
        ("a: [1, 2", "not valid YAML"),
        ("a: 'open", "not valid YAML"),
        ("a: \x07", "not valid YAML"),
        ("x: " + "a" * MAX_BYTES, "larger than"),
        ("a: {b: {c: {d: {e: {f: {g: {h: {i: {j: {k: {l: {m: 1}}}}}}}}}}}}", "levels"),
    ],
)
def test_hostile_yaml_is_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(ContentError, match=sentence):
        parse(text)


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    started = time.perf_counter()
    with pytest.raises(ContentError, match="aliases"):
        parse("\n".join(lines))
    assert time.perf_counter() - started < 1


def test_words_stay_words_whatever_yaml_makes_of_them() -> None:
    values = parse("a: no\nb: 1e3\nc: 2026-11-23\nd: ~\ne: 010\nf:").value
    assert values == {"a": "no", "b": "1e3", "c": "2026-11-23", "d": "~", "e": "010", "f": ""}


def test_every_value_knows_its_line() -> None:
    tree = parse("a:\n  - b: 1\n    c: |\n      x\n      y\n  - d: 2\n", first_line=10)
    assert tree.line_of(("a", 0, "c")) == 12
    assert tree.line_of(("a", 1, "d")) == 15
    assert tree.line_of(("a", 1, "d", "deeper", 3)) == 15
    assert tree.line_of(("unknown",)) == 10


def test_what_does_not_fit_is_a_problem_at_its_place() -> None:
    problems: list[Problem] = []
    given = {"label": ["a"], "required": "yes", "colour": "red"}
    assert build(Variable, given, ("v",), problems) is None
    sentences = {problem.path: problem.sentence for problem in problems}
    assert "not known" in sentences[("v", "colour")]
    assert "single value" in sentences[("v", "label")]
    assert "true or false" in sentences[("v", "required")]
    assert sentences[("v",)] == "The key name is missing."


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no front matter", "begins with front matter"),
        (b"---\n- a\n---\n", "keys and values"),
        (b"---\na: \xff\n---\n", "not UTF-8"),
        (b"---\na: 1\n---\ntext first\n", "before the first section"),
        (b"---\na: 1\n---\n## Other\n", "The sections are"),
        (b"---\na: 1\n---\n## Full definition\nx\n", "## Etymology is missing"),
        (b"---\na: 1\n---\n## Etymology\n## Full definition\n## In practice\n", "in this order"),
        (b"---\na: \x00\n---\n", "NUL"),
    ],
)
def test_a_broken_definition_file_is_an_error_with_its_name(
    folder: Folder, content: bytes, sentence: str
) -> None:
    folder.write()
    (folder.path / "definitions" / "broken.md").write_bytes(content)
    errors = read_library(folder.path).errors
    assert len(errors) == 1
    assert errors[0].startswith("definitions/broken.md:")
    assert sentence in errors[0]


def test_a_heading_inside_code_begins_no_section(folder: Folder) -> None:
    folder.sections["token"]["Etymology"] = "```\n## Not a section\n```"
    assert folder.read().errors == []


def test_a_prompt_file_outside_the_categories_is_refused(folder: Folder) -> None:
    folder.write()
    path = folder.path / "prompts" / "writing" / "unknown.yaml"
    path.write_text("[]")
    assert read_library(folder.path).errors == [
        "prompts/writing/unknown.yaml:1: writing/unknown is not in categories.yaml."
    ]


def test_an_empty_folder_says_what_must_stand_there(folder: Folder) -> None:
    assert "groups/ and categories.yaml must stand here" in read_library(folder.path).errors[0]
