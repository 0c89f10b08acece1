"""Checking asks every rule of every record; what is broken comes back as file:line: sentence."""

from collections.abc import Iterator

from guide.content.findings import in_order
from guide.content.reading import Library
from guide.content.rules import contrast_problems, definition_problems, prompt_problems
from guide.content.rules.graph import graph_problems
from guide.content.rules.introductions import introduction_problems
from guide.content.rules.library import library_problems
from guide.content.rules.shelves import shelf_problems


def check(library: Library) -> list[str]:
    """Every broken rule, in the order of files and lines; an empty list is a good library."""
    errors = [*library.errors, *_each(library), *library_problems(library)]
    groups = [group.record.slug for group in library.groups]
    errors += graph_problems(library.definitions, groups)
    errors += shelf_problems(library)
    errors += introduction_problems(library)
    return in_order(errors)


def _each(library: Library) -> Iterator[str]:
    for definition in library.definitions:
        for problem in definition_problems(definition.record):
            yield definition.at(problem)
    for contrast in library.contrasts:
        for problem in contrast_problems(contrast.record):
            yield contrast.at(problem)
    for prompt in library.prompts:
        for problem in prompt_problems(prompt.record):
            yield prompt.at(problem)
