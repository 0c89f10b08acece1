"""Reports on pages that are hard to read, by Flesch's reading ease.

Rudolf Flesch, "A new readability yardstick", Journal of Applied Psychology 32(3), 1948:
206.835 - 1.015 x words per sentence - 84.6 x syllables per word. 60 to 70 is plain English, below
30 is a scientific paper. Syllables are counted as groups of vowels, with the commonest silent ones
left out, which for English prose is right within a few per cent.
"""

import re
from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.reports.prose import body_texts, paragraphs, plain, sentences

LEAST = 35.0
# A shorter text says too little: one long name decides.
LEAST_WORDS = 100
_WORD = re.compile(r"[A-Za-z]+(?:['’][a-z]+)?")
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT = re.compile(r"(?:[^laeiouy]e|[^td]ed|[^aeiouycgszx]es|[^aeiou]ely)$")


def readability_reports(library: Library) -> Iterator[str]:
    for placed in library.pages:
        text = "\n\n".join(body_texts(placed.record).values())
        ease = reading_ease(text)
        if ease is not None and ease < LEAST:
            sentence = f"The reading ease is {ease:.0f}; {LEAST:.0f} or more is wanted."
            yield placed.at(Problem(("short",), f"{sentence} Shorter words, shorter sentences."))


def reading_ease(text: str) -> float | None:
    """Flesch's score, or None where there is too little text for one."""
    found = [s for part in paragraphs(plain(text)) for s in sentences(part)]
    words = [word for sentence in found for word in _WORD.findall(sentence)]
    if len(words) < LEAST_WORDS:
        return None
    syllables = sum(map(syllable_count, words))
    return 206.835 - 1.015 * len(words) / len(found) - 84.6 * syllables / len(words)


def syllable_count(word: str) -> int:
    """At least one; a name in capitals is spelt out, a syllable a letter."""
    if word.isupper() and 1 < len(word) < 6:
        return len(word) + 2 * word.count("W")
    lowered = word.lower().replace("’", "'").removesuffix("'s")
    count = len(_VOWELS.findall(lowered))
    return max(1, count - bool(_SILENT.search(lowered)))
