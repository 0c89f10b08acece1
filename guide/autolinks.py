"""The first mention of a term in a text becomes a link to its page.

Names of several words and names with capitals inside are unmistakable and link on every page. A
single common word ("memory", "seed") often means something else, so it links only on the pages
whose own links lead to its term.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from guide.remembered import Remembered
from guide.shelf import Entry, shelf_of, stamp_of

_TAG = re.compile(r"(<[^>]*>)")
_CLOSED = re.compile(r"<(?P<end>/?)(?:a|code|pre|h[1-6])\b")
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s/-]+")

Words = tuple[str, ...]
known: Remembered["Terms"] = Remembered()


@dataclass(frozen=True, slots=True)
class Name:
    """One way to write a term."""

    slug: str
    words: Words

    @property
    def is_unmistakable(self) -> bool:
        return len(self.words) > 1 or self.has_capitals

    @property
    def has_capitals(self) -> bool:
        """BLEU and ReAct are names only as they are written; Token is one in any case."""
        return any(letter.isupper() for word in self.words for letter in word[1:])

    def is_written(self, words: Words) -> bool:
        return words == self.words if self.has_capitals else True


@dataclass(frozen=True, slots=True)
class Terms:
    """The names of all published terms by their words in lower case.

    `longest` holds the number of words of the longest name that begins with a word: nearly every
    word of a text begins no name at all, and need not be looked at any further.
    """

    names: dict[Words, Name]
    longest: dict[str, int]

    def reach(self, word: str) -> int:
        """How many words a name can have that begins with this one; 0 if none does."""
        word = word.lower()
        return self.longest.get(word) or self.longest.get(word.removesuffix("s"), 0)

    def find(self, words: Words) -> Name | None:
        """The term that exactly these words name, the last of which may be a plural."""
        for form in (words, (*words[:-1], words[-1].removesuffix("s"))):
            name = self.names.get(_key(form))
            if name and name.is_written(form):
                return name
        return None


@dataclass(slots=True)
class Page:
    """A page whose texts are linked one after the other: each term once on the whole page."""

    terms: Terms
    neighbours: Collection[str]
    linked: set[str] = field(default_factory=set)

    def link(self, html: str) -> SafeString:
        """Sanitised HTML with links added, none of them inside links, code or headings."""
        out: list[str] = []
        depth = 0
        for piece in _TAG.split(html):
            if closed := _CLOSED.match(piece):
                depth += -1 if closed["end"] else 1
            is_text = not piece.startswith("<") and not depth
            out.append("".join(self._with_links(piece)) if is_text else piece)
        return mark_safe("".join(out))  # noqa: S308  sanitised before, and only our links added

    def _with_links(self, text: str) -> Iterator[str]:
        spans = [match.span() for match in _WORD.finditer(text)]
        position = at = 0
        while at < len(spans):
            count, name = self._longest_name(text, spans, at)
            if name and self._is_wanted(name):
                self.linked.add(name.slug)
                begin, end = spans[at][0], spans[at + count - 1][1]
                address = reverse("definition", args=[name.slug])
                yield text[position:begin]
                yield f'<a class="term" href="{address}">{text[begin:end]}</a>'
                position = end
            at += count
        yield text[position:]

    def _longest_name(
        self, text: str, spans: list[tuple[int, int]], at: int
    ) -> tuple[int, Name | None]:
        """How many words from here on are one name, and which; (1, None) if none is."""
        words = [text[slice(*spans[at])]]
        reach = self.terms.reach(words[0])
        for (_, end), (begin, stop) in zip(spans[at:], spans[at + 1 :], strict=False):
            if len(words) >= reach or not _GAP.fullmatch(text, end, begin):
                break
            words.append(text[begin:stop])
        for count in range(min(reach, len(words)), 0, -1):
            if name := self.terms.find(tuple(words[:count])):
                return count, name
        return 1, None

    def _is_wanted(self, name: Name) -> bool:
        is_new = name.slug not in self.linked
        return is_new and (name.is_unmistakable or name.slug in self.neighbours)


def page_of(request: HttpRequest, own: Iterable[str], neighbours: Collection[str]) -> Page:
    """The links of the page that is about the `own` terms, and itself links to `neighbours`."""
    terms = known.at(stamp_of(request), lambda: read_terms(shelf_of(request).entries))
    return Page(terms, neighbours, set(own))


def read_terms(entries: Iterable[Entry]) -> Terms:
    names: dict[Words, Name] = {}
    for entry in entries:
        for written in (entry.term, *entry.aliases):
            words = tuple(_WORD.findall(written))
            # A term's own name stands before another term's alias.
            if words and (written == entry.term or _key(words) not in names):
                names[_key(words)] = Name(entry.slug, words)
    longest: Counter[str] = Counter()
    for key in names:
        longest[key[0]] = max(longest[key[0]], len(key))
    return Terms(names, longest)


def _key(words: Words) -> Words:
    return tuple(word.lower() for word in words)
