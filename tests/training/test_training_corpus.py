"""The corpus holds what the guide says, whole, and nothing of the examination."""

import re
from functools import cache

import pytest

from training import content, corpus, phrasings
from training.content import Definition


@cache
def read() -> corpus.Corpus:
    return corpus.read()


@cache
def terms() -> list[Definition]:
    return content.definitions()


def test_every_example_asks_something_and_answers_it():
    assert len(read().examples) > 5000
    for example in (*read().examples, *read().held_out):
        for question, answer in example.turns:
            assert question.strip(), example
            assert answer.strip(), example


def test_every_variable_of_a_run_has_a_value():
    runs = [*content.prompts(), *(run for term in terms() for run in term.examples)]
    assert len(runs) > 50
    for run in runs:
        names = {m["name"] for m in content.VARIABLE.finditer(run.template) if m["name"]}
        assert names <= set(run.values), run.template


def test_a_prompt_is_filled_as_the_guide_fills_it():
    variables = pytest.importorskip("guide.variables", reason="the guide app is not here yet")
    nasty = "Say [x] and \\[y\\], [x](link), [1], [a b]:\n```\n[x]\n```"
    assert content.fill(nasty, {"x": "$1 \\ [x]", "a b": ""}) == variables.fill(
        nasty, {"x": "$1 \\ [x]", "a b": ""}
    )
    for run in content.prompts():
        assert run.prompt == variables.fill(run.template, run.values)


def test_no_question_of_the_examination_is_in_the_corpus():
    examined = {corpus.normalised(item["question"]) for item in corpus.examination()}
    assert len(examined) >= 40
    for example in (*read().examples, *read().held_out):
        assert examined.isdisjoint(corpus.normalised(q) for q, _ in example.turns)


def test_the_examination_asks_about_every_term():
    asked = {item["topic"] for item in corpus.examination()}
    assert {term.slug for term in terms()} <= asked


def test_a_question_kept_back_is_in_no_example():
    kept_back = {corpus.normalised(e.turns[0][0]) for e in read().held_out}
    assert kept_back
    for example in read().examples:
        assert kept_back.isdisjoint(corpus.normalised(q) for q, _ in example.turns)


def test_about_one_conversation_in_twenty_is_kept_back():
    taught = [e for e in read().examples if e.kind == "conversation"]
    share = len(read().held_out) / (len(read().held_out) + len(taught))
    assert 0.02 < share < 0.10


def test_the_corpus_is_the_same_on_every_reading():
    assert corpus.read() == corpus.read()


def test_every_term_and_alias_is_asked_for():
    questions = {corpus.normalised(q) for e in read().examples for q, _ in e.turns}
    questions |= {corpus.normalised(e.turns[0][0]) for e in read().held_out}
    for term in terms():
        for name in (term.term, *term.aliases):
            assert corpus.normalised(f"What does {name} mean?") in questions


def test_an_acronym_takes_the_article_it_is_spoken_with():
    spoken = {full for term in terms() for _, full in phrasings.names(term)}
    assert {"an LLM", "a GPU", "a token", "inference"} <= spoken


def test_markdown_becomes_sentences():
    assert content.plain("A *b* **c** `d_e`\n[link](/x).\n\nTwo.") == "A b c d_e link.\n\nTwo."


def test_a_file_of_the_wrong_shape_is_named(tmp_path):
    folder = tmp_path / "training/data/conversations"
    folder.mkdir(parents=True)
    (folder / "token.yaml").write_text("questions: []\n", encoding="utf-8")
    with pytest.raises(content.UnreadableContentError, match=re.escape("token.yaml")):
        content.conversations(tmp_path)
