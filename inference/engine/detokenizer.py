"""Turns tokens back into text as they come, never showing half a character."""

import codecs
from collections.abc import Callable


class BytesDetokenizer:
    """For vocabularies whose tokens are bytes: byte-level BPE, SentencePiece with byte fallback."""

    def __init__(self, bytes_of: Callable[[int], bytes], strips_first_space: bool) -> None:
        self._bytes_of = bytes_of
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._strips_space = strips_first_space

    @property
    def is_inside_character(self) -> bool:
        return bool(self._decoder.getstate()[0])

    def push(self, token: int) -> str:
        return self._stripped(self._decoder.decode(self._bytes_of(token)))

    def flush(self) -> str:
        return self._stripped(self._decoder.decode(b"", final=True))

    def _stripped(self, text: str) -> str:
        """SentencePiece writes a space before the first word, which belongs to no answer."""
        if self._strips_space and text:
            self._strips_space = False
            return text.removeprefix(" ")
        return text


class PairDetokenizer:
    """For every other vocabulary: a token adds what decoding it after the one before it adds."""

    is_inside_character = False

    def __init__(self, decode: Callable[[list[int]], str]) -> None:
        self._decode = decode
        self._before: list[int] = []

    def push(self, token: int) -> str:
        text = self._decode([*self._before, token])[len(self._decode(self._before)) :]
        self._before = [token]
        return text

    def flush(self) -> str:
        return ""


def byte_alphabet() -> dict[str, int]:
    """The visible character by which byte-level BPE (Radford et al. 2019) writes each byte."""
    shown = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in set(shown)]
    plain = {chr(byte): byte for byte in shown}
    return plain | {chr(256 + place): byte for place, byte in enumerate(hidden)}
