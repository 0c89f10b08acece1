"""What changed between two texts, word by word, so that a page can mark it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

_PART = re.compile(r"\s+|\w+|[^\w\s]")
# Beyond this many parts the comparison by words takes too long; lines tell enough then.
MOST_PARTS = 4000


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: kept, added or removed."""

    kind: str
    text: str


def differences(before: str, after: str) -> list[Piece]:
    """The pieces that lead from one text to the other, in the order of reading."""
    old, new = _parts(before), _parts(after)
    if len(old) + len(new) > MOST_PARTS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return list(_joined(_pieces(old, new)))


def _parts(text: str) -> list[str]:
    return _PART.findall(text)


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield Piece("kept", "".join(old[i:j]))
        else:
            yield Piece("removed", "".join(old[i:j]))
            yield Piece("added", "".join(new[k:m]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Without empty pieces; a lone space between two changes belongs to them."""
    removed = added = ""
    for piece in pieces:
        if piece.kind == "kept" and (piece.text.strip() or not (removed or added)):
            yield from _changes(removed, added)
            removed = added = ""
            yield piece
        else:
            removed += "" if piece.kind == "added" else piece.text
            added += "" if piece.kind == "removed" else piece.text
    yield from _changes(removed, added)


def _changes(removed: str, added: str) -> Iterator[Piece]:
    """A space at the end that both have stays outside of the change."""
    tail = ""
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        tail, removed, added = removed[-1] + tail, removed[:-1], added[:-1]
    for kind, text in (("removed", removed), ("added", added), ("kept", tail)):
        if text:
            yield Piece(kind, text)
