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


def _runs(terms: list[Definition], library: list[Filled], talk: list[Example]) -> Iterator[Example]:
    """The prompts of the guide as Try it sends them, and the same prompts with other words."""
    runs = [(t.slug, run) for t in terms for run in t.examples]
    runs += [("library", run) for run in library]
    changed = _data("outside.yaml")["changed"]
    rng = random.Random("changed")  # noqa: S311 - a draw of examples, not a secret
    pool = sorted({v for _, run in runs for v in run.values.values() if len(v) < 60})
    questions = [e.turns[0][0] for e in talk if e.kind == "examples"]
    for topic, run in runs:
        yield Example("run", topic, ((run.prompt, run.answer),))
        if run.values and not any(map(run.pattern.fullmatch, questions)):
            for _ in range(CHANGED_RUNS):
                values = run.values | _other_values(run, pool, rng)
                question = fill(run.template, values)
                if question != run.prompt:
                    yield Example("changed", topic, ((question, rng.choice(changed)),))


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
