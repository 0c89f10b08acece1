"""Reports on numbers that are claims but name no source.

A sentence of a section makes a claim with a number if it holds a year or a per cent; a decade
("the 1960s") is too vague to be one. It is sourced if its paragraph says where from: a year in
round brackets, as in (Vaswani et al., 2017), a link, the name of an author of one of the page's
sources, or the year of one. No claim is what the page makes up ("suppose", "for example", "if"),
works out (an equation, "With 95 per cent ..."), quotes, says of itself ("reviewed in 2026"), or
says to be vague ("around 2020").
"""

import re
from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.records import Source
from guide.content.reports.prose import body_texts, paragraphs, plain, sentences

_CLAIM = re.compile(r"\b(?:1[5-9]\d\d|20\d\d)\b(?!s)|\b\d[\d.,]*\s?(?:%|per cent\b|percent\b)")
_MARKER = re.compile(r"\([^()]*\b(?:1[5-9]\d\d|20\d\d)[a-z]?\b[^()]*\)|\]\(https?:")
_MADE_UP = re.compile(
    r"\b(?:suppose|imagine|say|if|example|examples|instance|assume|would|could|might|may|picture|"
    r"take|such as|reviewed|your|you|here)\b",
    re.IGNORECASE,
)
_VAGUE = re.compile(r"\b(?:about|around|by|before|after|since|early|late) (?:1[5-9]|20)\d\d")
_WORKED_OUT = re.compile(r"[=≈×]|^(?:At|With|On|Below|Above|Give|So|Trusting) ")
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
_SURNAME = re.compile(r"[A-Z][\w'’-]{2,}")


def claim_reports(library: Library) -> Iterator[str]:
    for placed in library.pages:
        names = _names(placed.record.sources)
        for name, text in body_texts(placed.record).items():
            for sentence in unsourced(text, names):
                told = f"A number without a source: {sentence[:90]}"
                yield placed.at(Problem((name,), told))


def unsourced(text: str, names: set[str]) -> Iterator[str]:
    """The sentences that make a claim with a number in a paragraph that names no source."""
    for paragraph in paragraphs(text):
        words = set(re.findall(r"[\w'’-]+", paragraph))
        if _MARKER.search(paragraph) or names & words:
            continue
        for sentence in sentences(plain(paragraph)):
            bare = _VAGUE.sub("", _QUOTED.sub("", sentence))
            is_own = _MADE_UP.search(sentence) or _WORKED_OUT.search(sentence)
            if _CLAIM.search(bare) and not is_own:
                yield sentence


def _names(sources: tuple[Source, ...]) -> set[str]:
    """By what a text may refer to its sources: the authors' names, and the years."""
    names = {name for source in sources for name in _SURNAME.findall(source.author)}
    return names | {str(source.year) for source in sources}
