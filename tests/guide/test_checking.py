"""Each rule of the content refuses what breaks it, with the file, the line and a sentence."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from django.conf import settings

from guide.content.checking import check
from guide.content.reading import read_library
from guide.content.records import AnswerCheck
from guide.content.reports import counts
from guide.content.rules.answer import answer_problems
from guide.content.similarity import five_grams, jaccard, similar_pairs
from tests.guide.content_files import Folder, definition, sections, words

Change = Callable[[Folder], object]


def set_term(key: str, value: object) -> Change:
    return lambda folder: folder.definitions["token"].update({key: value})


def set_prompt(key: str, value: object) -> Change:
    return lambda folder: folder.prompts[0].update({key: value})


def set_section(name: str, text: str) -> Change:
    return lambda folder: folder.sections["token"].update({name: text})


def set_example(key: str, value: object) -> Change:
    return lambda folder: folder.definitions["token"]["examples"][0].update({key: value})


def set_variable(key: str, value: object) -> Change:
    return lambda folder: folder.prompts[0]["variables"][0].update({key: value})


def test_a_good_folder_breaks_no_rule(folder: Folder) -> None:
    assert folder.errors() == []


def test_the_content_of_this_repository_breaks_no_rule() -> None:
    library = read_library(Path(settings.CONTENT_DIR))
    assert check(library) == []
    found = counts(library)
    assert (found.terms, found.unreached) == (229, 0)
    assert found.contrasts >= 25
    assert found.examples >= 500
    assert found.questions >= 700
    assert found.small / found.examples >= 0.6
    assert found.clicks <= 4


BROKEN_DEFINITIONS: list[tuple[Change, str]] = [
    (set_term("slug", "Tokens!"), "lower-case letters"),
    (set_term("slug", "tokens"), "must be tokens.md"),
    (set_term("term", ""), "The term is empty"),
    (set_term("short", words(60, "short")), "at most 240 fit"),
    (set_term("level", "hard"), "is not one of"),
    (set_term("lab", "magic"), "is not one of"),
    (set_term("group", "elsewhere"), "no group"),
    (set_term("related", ["training"]), "at least 3"),
    (set_term("related", ["training", "training", "model"]), "names something twice"),
    (set_term("related", ["token", "training", "model"]), "cannot point to itself"),
    (set_term("related", ["training", "model", "missing"]), "no definition 'missing'"),
    (set_term("confused_with", ["missing"]), "no definition 'missing'"),
    (set_term("aliases", ["Training thing"]), "is taken by"),
    (set_term("aliases", ["Model"]), "is taken by model"),
    (set_term("aliases", ["A", "a"]), "names something twice"),
    (set_term("broader", ["training"]), "leads back to this one"),
    (set_term("reviewed", "yesterday"), "is not a date"),
    (set_term("examples", []), "At least 2 examples"),
    (set_term("faq", []), "At least 3 questions"),
    (set_term("faq", [{"q": "Why?", "a": "Too short."}]), "it needs 30 to 90"),
    (set_term("sources", []), "At least 1 source"),
    (
        set_term("sources", [{"title": "a", "author": "b", "year": 1, "url": "javascript:x"}]),
        "http or https",
    ),
    (set_section("Full definition", "Too short."), "it needs 250 to 500"),
    (set_section("Full definition", words(300, "x")), "it needs 3 to 5"),
    (set_section("In practice", "Too short."), "it needs 100 to 250"),
    (set_section("Common mistakes", "# Loud\n\ntext"), "headings begin with ###"),
    (set_example("prompt", "Explain [other]."), "[other] stands in the text"),
    (set_example("prompt", "Explain it."), "is described but"),
    (set_example("needs", "ears"), "is not one of"),
    (set_example("settings", {"temperature": 3}), "between 0 and 2"),
    (set_example("settings", {"warmth": 3}), "not known"),
    (set_example("why", ""), "The why is empty"),
    (set_example("tier", "XL"), "is not one of"),
    (set_example("side", "left"), "Only an example of a contrast"),
    (set_term("aliases", ["Token vs word"]), "is a name for a contrast"),
]


@pytest.mark.parametrize(("change", "sentence"), BROKEN_DEFINITIONS)
def test_a_definition_that_breaks_a_rule_is_refused(
    folder: Folder, change: Change, sentence: str
) -> None:
    change(folder)
    errors = [error for error in folder.errors() if sentence in error]
    assert errors, folder.errors()
    assert errors[0].startswith("definitions/")


BROKEN_PROMPTS: list[tuple[Change, str]] = [
    (set_prompt("title", "x" * 71), "at most 70 fit"),
    (set_prompt("description", "x" * 161), "at most 160 fit"),
    (set_prompt("description", "This prompt helps you."), "says what comes out"),
    (set_prompt("template", "Too short [topic]."), "it needs 40 to 220"),
    (set_prompt("template", words(221, "long") + " [topic]"), "it needs 40 to 220"),
    (set_prompt("example_answer", ""), "needs an example answer"),
    (set_prompt("example_answer", "Too short."), "it needs 60 to 150"),
    (set_prompt("tier", "XL"), "is not one of"),
    (set_prompt("audience", "nobody"), "is not one of"),
    (set_prompt("risk", "war"), "is not one of"),
    (set_prompt("difficulty", "hard"), "is not one of"),
    (set_prompt("language", "tlh"), "is not one of"),
    (set_prompt("technique", ["missing"]), "no definition 'missing'"),
    (set_prompt("tags", ["Loud"]), "lower case"),
    (set_prompt("tags", "letters"), "must be a list"),
    (set_prompt("slug", "snow-poem"), "is taken by"),
    (set_prompt("check", {"lines": 3}), "the check asks for 3"),
    (set_prompt("check", {"contains": ["nowhere"]}), "does not hold"),
    (set_prompt("check", {"max_words": 10}), "the check allows 10"),
    (set_prompt("check", {"colour": "red"}), "not known"),
    (set_prompt("check", {"lines": 0}), "at least 1"),
    (set_variable("default", ""), "must run as it stands"),
    (set_variable("type", "colour"), "is not one of"),
    (set_variable("type", "number"), "is not a number"),
    (set_variable("type", "choice"), "at least two different options"),
    (set_variable("options", ["a", "b"]), "Only a variable of the type choice"),
    (set_variable("label", ""), "The label is empty"),
    (set_variable("name", "other"), "[topic] stands in the text"),
]


@pytest.mark.parametrize(("change", "sentence"), BROKEN_PROMPTS)
def test_a_prompt_that_breaks_a_rule_is_refused(
    folder: Folder, change: Change, sentence: str
) -> None:
    change(folder)
    errors = [error for error in folder.errors() if sentence in error]
    assert errors, folder.errors()
    assert errors[0].startswith("prompts/writing/plain-language.yaml:")


def test_an_answer_that_has_to_be_short_may_be_short(folder: Folder) -> None:
    folder.prompts[0] |= {"example_answer": "Billing", "check": {"max_words": 2}}
    assert folder.errors() == []


def test_an_error_names_the_line_on_which_it_stands(folder: Folder) -> None:
    folder.prompts[1]["title"] = "x" * 80
    (error,) = folder.errors()
    file, line, _ = error.split(":", 2)
    lines = (folder.path / file).read_text().splitlines()
    assert "x" * 80 in lines[int(line) - 1]


def test_a_missing_key_is_named(folder: Folder) -> None:
    del folder.prompts[0]["tier"]
    assert folder.errors() == ["prompts/writing/plain-language.yaml:1: The key tier is missing."]


def test_a_template_that_repeats_another_is_refused(folder: Folder) -> None:
    folder.prompts[1]["template"] = folder.prompts[0]["template"] + " More words at the end."
    assert any("nearly repeats rain-letter" in error for error in folder.errors())


def test_a_template_that_only_swaps_a_noun_is_refused(folder: Folder) -> None:
    text = words(50, "same").split()
    swapped = ["snow" if number % 6 == 5 else word for number, word in enumerate(text)]
    original = ["rain" if number % 6 == 5 else word for number, word in enumerate(text)]
    folder.prompts[0]["template"] = f"First opening here [topic] {' '.join(original)}"
    folder.prompts[1]["template"] = f"Other start there [topic] {' '.join(swapped)}"
    assert any("nearly repeats" in error for error in folder.errors())


def test_an_opening_is_used_once_in_a_small_library(folder: Folder) -> None:
    for entry in folder.prompts[:2]:
        entry["template"] = "Please write a text. " + entry["template"]
    assert any("open with 'please write a text'" in error for error in folder.errors())


def test_roles_do_not_open_more_than_two_percent(folder: Folder) -> None:
    folder.prompts[0]["template"] = "You are a writer. " + folder.prompts[0]["template"]
    assert any("begin with the task" in error for error in folder.errors())


def test_a_term_that_nothing_links_to_is_an_island(folder: Folder) -> None:
    folder.group["order"] += ["far", "away", "lost", "gone"]
    for slug in ("far", "away", "lost", "gone"):
        folder.definitions[slug] = definition(slug) | {
            "related": [other for other in ("far", "away", "lost", "gone") if other != slug],
            "broader": [] if slug == "far" else ["far"],
        }
        folder.sections[slug] = sections(slug)
    assert any("No path of links leads here" in error for error in folder.errors())


@pytest.mark.parametrize(
    ("check", "answer", "is_right"),
    [
        (AnswerCheck(json_keys=("a", "b")), '{"a": 1, "b": 2}', True),
        (AnswerCheck(json_keys=("a",)), '```json\n{"a": 1}\n```', True),
        (AnswerCheck(json_keys=("a",)), '[{"a": 1}, {"a": 2}]', True),
        (AnswerCheck(json_keys=("a",)), '[{"a": 1}, {"b": 2}]', False),
        (AnswerCheck(json_keys=("a",)), "a: 1", False),
        (AnswerCheck(json_keys=("a",)), "[" * 100_000, False),
        (AnswerCheck(list_items=3), "- a\n* b\n1. c\nd", True),
        (AnswerCheck(list_items=2), "- a\n-b\ntext - c", False),
        (AnswerCheck(lines=2), "a\n\nb\n", True),
        (AnswerCheck(min_words=3, max_words=3), "a b c", True),
        (AnswerCheck(min_words=4), "a b c", False),
        (AnswerCheck(contains=("Yes", "no")), "Yes and no", True),
        (AnswerCheck(contains=("yes",)), "Yes", False),
    ],
)
def test_a_check_tells_a_right_answer_from_a_wrong_one(
    check: AnswerCheck, answer: str, is_right: bool
) -> None:
    assert (list(answer_problems(check, answer)) == []) is is_right


def test_prefix_filtering_finds_the_same_pairs_as_comparing_all() -> None:
    random = Random(7)
    sets = [frozenset(random.sample(range(60), random.randint(5, 40))) for _ in range(120)]
    sets += [members | {99} for members in sets[:10]]
    for least in (0.5, 0.8):
        slow = {
            (one, other)
            for other in range(len(sets))
            for one in range(other)
            if jaccard(sets[one], sets[other]) >= least
        }
        assert {pair[:2] for pair in similar_pairs(sets, least)} == slow
        assert slow


def test_a_whole_library_is_compared_in_seconds() -> None:
    random = Random(7)
    vocabulary = [f"word{number}" for number in range(3000)]
    stock = "Answer in plain words and keep the order of the points given below."
    texts = [" ".join(random.choices(vocabulary, k=110)) + stock for _ in range(2650)]
    texts[2000] = texts[100] + " at the end"
    started = time.perf_counter()
    assert [pair[:2] for pair in similar_pairs([five_grams(text) for text in texts], 0.5)] == [
        (100, 2000)
    ]
    assert time.perf_counter() - started < 20
