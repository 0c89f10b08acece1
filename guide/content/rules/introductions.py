"""Rules for the texts above the shelves of the prompt library."""

from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.records import ShelfText
from guide.content.rules.text import repeat_problems, words_problems

LEAST_WORDS, MOST_WORDS = 60, 120


def introduction_problems(library: Library) -> Iterator[str]:
    """Every broken rule of the shelf texts, each as file:line: sentence."""
    known = {placed.record.slug for placed in library.definitions}
    for placed in library.shelf_texts:
        for problem in own_introduction_problems(placed.record):
            yield placed.at(problem)
        for number, slug in enumerate(placed.record.techniques):
            if slug not in known:
                sentence = f"There is no definition {slug!r}."
                yield placed.at(Problem(("techniques", number), sentence))


def own_introduction_problems(record: ShelfText) -> Iterator[Problem]:
    """What one text can keep or break by itself; the admin asks it too."""
    yield from words_problems(("introduction",), record.introduction, LEAST_WORDS, MOST_WORDS)
    yield from repeat_problems(("techniques",), record.techniques)
