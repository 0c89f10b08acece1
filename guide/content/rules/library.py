"""Rules that only the whole library can keep: unique names, links that lead somewhere, variety."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from guide.content.building import Problem
from guide.content.reading import Library, Placed
from guide.content.records import Contrast, Definition, Prompt
from guide.content.similarity import Members, five_grams, similar_pairs, words
from guide.content.words import compared_words

MOST_ALIKE_FIVE_GRAMS = 0.5
# Two texts with nearly the same words differ in a noun or two, whatever their order.
MOST_ALIKE_WORDS = 0.8
MOST_SHARED_OPENING = 0.01
MOST_ROLE_OPENINGS = 0.02


def library_problems(library: Library) -> Iterator[str]:
    """Every broken rule between the records, each as file:line: sentence."""
    yield from _prompt_link_problems(library)
    for kind in ("prompts", "definitions", "contrasts"):
        yield from _repeated_slugs(getattr(library, kind))
    yield from _similar_templates(library.prompts)
    yield from _openings(library.prompts)


def _prompt_link_problems(library: Library) -> Iterator[str]:
    known = {placed.record.slug for placed in library.definitions}
    for placed in library.prompts:
        for number, slug in enumerate(placed.record.technique):
            if slug not in known:
                problem = Problem(("technique", number), f"There is no definition {slug!r}.")
                yield placed.at(problem)


def _repeated_slugs(
    placed_records: Sequence[Placed[Definition] | Placed[Contrast] | Placed[Prompt]],
) -> Iterator[str]:
    first: dict[str, str] = {}
    for placed in placed_records:
        slug = placed.record.slug
        if slug in first:
            yield placed.at(Problem(("slug",), f"The slug {slug!r} is taken by {first[slug]}."))
        first.setdefault(slug, placed.file)


def _similar_templates(prompts: Sequence[Placed[Prompt]]) -> Iterator[str]:
    measures = [
        (five_grams, MOST_ALIKE_FIVE_GRAMS, "five-word runs"),
        (words, MOST_ALIKE_WORDS, "words"),
    ]
    reported: set[tuple[int, int]] = set()
    for measure, least, name in measures:
        sets: list[Members] = [measure(placed.record.template) for placed in prompts]
        for earlier, later, similarity in similar_pairs(sets, least):
            if (earlier, later) in reported:
                continue
            reported.add((earlier, later))
            other = prompts[earlier].record.slug
            sentence = f"The template nearly repeats {other}: {similarity:.0%} of its {name}."
            yield prompts[later].at(Problem(("template",), sentence))


def _openings(prompts: Sequence[Placed[Prompt]]) -> Iterator[str]:
    by_opening: defaultdict[str, list[Placed[Prompt]]] = defaultdict(list)
    for placed in prompts:
        by_opening[" ".join(compared_words(placed.record.template)[:4])].append(placed)
    most = max(1, int(MOST_SHARED_OPENING * len(prompts)))
    for opening, sharing in by_opening.items():
        for placed in sharing[most:]:
            sentence = f"{len(sharing)} templates open with {opening!r}; at most {most} may."
            yield placed.at(Problem(("template",), sentence))
    roles = [p for p in prompts if p.record.template.casefold().startswith(("act as", "you are"))]
    for placed in roles[int(MOST_ROLE_OPENINGS * len(prompts)) :]:
        sentence = 'Too many templates open with "Act as" or "You are"; begin with the task.'
        yield placed.at(Problem(("template",), sentence))
