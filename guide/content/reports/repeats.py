"""Reports on sentences that stand on more than one page: nobody wants to read them twice."""

from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.reports.prose import all_texts, paragraphs, plain, sentences
from guide.content.words import compared_words

# Shorter ones ("It depends.") may come up again by themselves.
LEAST_WORDS = 6


def repeat_reports(library: Library) -> Iterator[str]:
    first: dict[tuple[str, ...], str] = {}
    for placed in library.pages:
        slug = placed.record.slug
        for path, text in all_texts(placed.record):
            for sentence in (s for part in paragraphs(plain(text)) for s in sentences(part)):
                words = tuple(compared_words(sentence))
                if len(words) < LEAST_WORDS:
                    continue
                other = first.setdefault(words, slug)
                if other != slug:
                    told = f"This sentence stands on the page of {other} too: {sentence[:60]}"
                    yield placed.at(Problem(path, told))
