"""Checking asks every rule of every record; what is broken comes back as file:line: sentence."""

from collections.abc import Iterator

from guide.content.reading import Library
from guide.content.rules import definition_problems, prompt_problems
from guide.content.rules.graph import graph_problems
from guide.content.rules.library import library_problems


def check(library: Library) -> list[str]:
    """Every broken rule, in the order of files and lines; an empty list is a good library."""
    errors = [*library.errors, *_each(library), *library_problems(library)]
    errors += graph_problems(library.definitions, [group.slug for group in library.groups])
    return sorted(set(errors), key=_place)


def _each(library: Library) -> Iterator[str]:
    for definition in library.definitions:
        for problem in definition_problems(definition.record):
            yield definition.at(problem)
    for prompt in library.prompts:
        for problem in prompt_problems(prompt.record):
            yield prompt.at(problem)


def _place(error: str) -> tuple[str, int, str]:
    file, line, sentence = error.split(":", 2)
    return file, int(line), sentence
