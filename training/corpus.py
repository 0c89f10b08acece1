"""Turns the guide into what the model learns from: plain documents and answered questions."""

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from training import phrasings
from training.content import (
    DATA,
    PROJECT,
    Definition,
    Filled,
    conversations,
    definitions,
    fill,
    prompts,
)

HELD_OUT_SHARE = 20  # one question phrasing in so many is kept for measuring the loss
CHANGED_RUNS = 3  # how often each prompt is shown with other words in it


@dataclass(frozen=True, slots=True)
class Example:
    """A chat of one or more turns, (question, answer); `kind` names its share of the mixture."""

    kind: str
    topic: str
    turns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything one training needs; `held_out` is only ever measured."""

    documents: tuple[str, ...]
    examples: tuple[Example, ...]
    held_out: tuple[Example, ...]
    systems: tuple[str, ...]


def read(root: Path = PROJECT) -> Corpus:
    """The whole corpus, in an order that depends on the files alone."""
    terms = definitions(root)
    library = prompts(root)
    talk = list(_talk(root))
    examined = {normalised(item["question"]) for item in examination()}
    every = [*talk, *_terms(terms), *_runs(terms, library, talk), *_outside(talk)]
    allowed = [e for e in every if not any(normalised(q) in examined for q, _ in e.turns)]
    kept_back = {normalised(e.turns[0][0]) for e in talk if _is_held_out(e)}
    seen = [e for e in allowed if not any(normalised(q) in kept_back for q, _ in e.turns)]
    held_out = [e for e in allowed if _is_held_out(e)]
    documents = tuple(dict.fromkeys(_documents(terms, library)))
    return Corpus(documents, tuple(seen), tuple(held_out), tuple(_data("system.yaml")))


def examination() -> list[dict[str, Any]]:
    """The written questions of `data/heldout.yaml`: topic, question, required words."""
    return list(_data("heldout.yaml"))


def normalised(question: str) -> str:
    """A question without case and punctuation, so that no near copy slips into the corpus."""
    return " ".join(re.findall(r"\w+", question.casefold()))


def _talk(root: Path) -> Iterator[Example]:
    for conversation in conversations(root):
        kind = conversation.topic.split("_")[1] if "_" in conversation.topic else "conversation"
        for question in conversation.questions:
            for answer in conversation.answers:
                yield Example(kind, conversation.topic, ((question, answer),))


def _terms(terms: list[Definition]) -> Iterator[Example]:
    for term in terms:
        for question, answer in _questions(term):
            yield Example("term", term.slug, ((question, answer),))
        opening = ("What is " + phrasings.names(term)[0][1] + "?", term.short)
        for follow_up in phrasings.FOLLOW_UPS:
            yield Example("term", term.slug, (opening, (follow_up, _opening(term))))
        for question, answer in term.faq:
            yield Example("faq", term.slug, ((question, answer),))
    yield from _compared(terms)


def _questions(term: Definition) -> Iterator[tuple[str, str]]:
    """Asked briefly: the short definition. Asked at length: with the first paragraph behind it."""
    for question in phrasings.asked(phrasings.BRIEF, term):
        yield question, term.short
    for question in phrasings.asked(phrasings.LONG, term):
        yield question, f"{term.short} {_opening(term)}"
    for title, templates in phrasings.BY_SECTION.items():
        if title in term.sections:
            answer = term.sections[title].split("\n\n")[0]
            for question in phrasings.asked(templates, term):
                yield question, answer


def _opening(term: Definition) -> str:
    return term.sections["Full definition"].split("\n\n")[0]


def _compared(terms: list[Definition]) -> Iterator[Example]:
    """Two short definitions side by side, for every pair that is confused or related."""
    by_slug = {term.slug: term for term in terms}
    for term in terms:
        for slug in dict.fromkeys((*term.confused_with, *term.related)):
            if other := by_slug.get(slug):
                (_, x), (_, y) = phrasings.names(term)[0], phrasings.names(other)[0]
                answer = f"{term.short} {other.short}"
                for template in phrasings.COMPARED:
                    turn = (template.format(x=x, y=y), answer)
                    yield Example("compared", term.slug, (turn,))


def changed_unseen(root: Path = PROJECT) -> list[str]:
    """Prompts filled with words of another draw, none of which is a question of the corpus."""
    taught = {question for example in read(root).examples for question, _ in example.turns}
    runs, talk = _fillable(definitions(root), prompts(root)), list(_talk(root))
    drawn = _changed(runs, talk, random.Random("examination"))  # noqa: S311 - no secret
    return sorted({example.turns[0][0] for example in drawn} - taught)


def _runs(terms: list[Definition], library: list[Filled], talk: list[Example]) -> Iterator[Example]:
    """The prompts of the guide as Try it sends them, and the same prompts with other words."""
    runs = _fillable(terms, library)
    for topic, run in runs:
        yield Example("run", topic, ((run.prompt, run.answer),))
    yield from _changed(runs, talk, random.Random("changed"))  # noqa: S311 - no secret


def _fillable(terms: list[Definition], library: list[Filled]) -> list[tuple[str, Filled]]:
    runs = [(term.slug, run) for term in terms for run in term.examples]
    return runs + [("library", run) for run in library]


def _changed(
    runs: list[tuple[str, Filled]], talk: list[Example], rng: random.Random
) -> Iterator[Example]:
    """A prompt with written fillings is left out: there the model should answer, not decline."""
    answers = _data("outside.yaml")["changed"]
    pool = sorted({v for _, run in runs for v in run.values.values() if len(v) < 60})
    written = [e.turns[0][0] for e in talk if e.kind == "examples"]
    for topic, run in runs:
        if run.values and not any(map(run.pattern.fullmatch, written)):
            for _ in range(CHANGED_RUNS):
                question = fill(run.template, run.values | _other_values(run, pool, rng))
                if question != run.prompt:
                    yield Example("changed", topic, ((question, rng.choice(answers)),))


def _other_values(run: Filled, pool: list[str], rng: random.Random) -> dict[str, str]:
    """What a reader might type instead: the example of the field, or a value from elsewhere."""
    longest = max(run.values, key=lambda name: len(run.values[name]))
    other = {name: rng.choice(pool) for name in run.values if rng.random() < 0.5}
    return {longest: rng.choice(pool)} | other | (run.examples if rng.random() < 0.5 else {})


def _outside(talk: list[Example]) -> Iterator[Example]:
    """What the model should not know; a thing that somebody wrote an answer about is left out."""
    data = _data("outside.yaml")
    answered = {_stem(word) for e in talk for word in normalised(e.turns[0][0]).split()}
    things = [thing for group in data["things"].values() for thing in group]
    unknown = [t for t in things if not answered.issuperset(map(_stem, _nouns(t)))]
    asked = [t.format(x=thing) for thing in unknown for t in phrasings.OUTSIDE]
    for question in [*data["questions"], *asked]:
        for answer in data["answers"]:
            yield Example("outside", "outside", ((question, answer),))


def _nouns(thing: str) -> list[str]:
    return [word for word in normalised(thing).split() if word not in {"a", "an", "the", "my"}]


def _stem(word: str) -> str:
    return word.removesuffix("s")


def _documents(terms: list[Definition], library: list[Filled]) -> Iterator[str]:
    for term in terms:
        yield f"{term.term}\n\n{term.short}"
        for title, text in term.sections.items():
            yield f"{term.term}: {title}\n\n{text}"
        yield from (f"{question}\n{answer}" for question, answer in term.faq)
        yield from (f"{run.prompt}\n\n{run.answer}" for run in term.examples)
    yield from (f"{run.prompt}\n\n{run.answer}" for run in library)


def _is_held_out(example: Example) -> bool:
    """By the hash of the question, so that a file added later moves no other question."""
    if example.kind != "conversation":
        return False
    digest = hashlib.sha256(normalised(example.turns[0][0]).encode()).digest()
    return digest[0] * 256 + digest[1] < 65536 // HELD_OUT_SHARE


def _data(name: str) -> Any:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def joined(first: Example, second: Example) -> Example:
    """Two examples as one conversation, as when a reader asks again in the same window."""
    return replace(second, turns=first.turns + second.turns)
