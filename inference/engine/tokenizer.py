"""Between conversations, token ids and text; what a reader types never becomes a control token."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError

from inference.engine.detokenizer import BytesDetokenizer, PairDetokenizer, byte_alphabet
from inference.engine.errors import EmptyPrompt, PromptRefused, first_sentence
from inference.engine.model import Detokenizer
from inference.engine.sequence import Message

FALLBACK_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
WORD_START = "\u2581"  # the lower block by which SentencePiece writes a space


class ChatTokenizer:
    """A transformers tokenizer with the chat template of its model; safe to use from any thread."""

    def __init__(self, backend: Any, ends: Iterable[int]) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self._decoders = _decoders(backend)
        self._added = {
            token: "" if added.special else added.content
            for token, added in backend.added_tokens_decoder.items()
        }
        self._bytes_of = self._reader()
        self.ends = frozenset(ends)
        self.piece: Callable[[int], str] = lru_cache(maxsize=2**16)(self._piece)

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """The prompt as ids: through the chat template, or as plain text if there is none."""
        if not any(message.content.strip() for message in messages):
            raise EmptyPrompt
        try:
            with self._lock:
                ids = self._encoded(messages)
        except (TemplateError, ValueError) as error:
            raise PromptRefused(
                f"The chat template of this model refuses these messages: {first_sentence(error)}."
            ) from error
        if not ids:
            raise EmptyPrompt
        return ids

    def encode_text(self, text: str) -> list[int]:
        """A plain text as ids, with a beginning-of-text token if the vocabulary wants one."""
        with self._lock:
            ids = self._plain(text)
        if not ids:
            raise EmptyPrompt
        return ids

    def detokenizer(self) -> Detokenizer:
        """A fresh detokenizer for one answer."""
        if self._bytes_of is None:
            return PairDetokenizer(self._decode)
        return BytesDetokenizer(self._bytes_of, "Strip" in self._decoders)

    def _encoded(self, messages: Sequence[Message]) -> list[int]:
        if self._backend.chat_template is None:
            return self._plain("\n".join(message.content for message in messages))
        turns = [{"role": one.role, "content": one.content} for one in messages]
        encoded = self._backend.apply_chat_template(
            turns, add_generation_prompt=True, sanitize_control_tokens=True, return_dict=True
        )
        return list(encoded["input_ids"])

    def _plain(self, text: str) -> list[int]:
        return list(self._backend(text, split_special_tokens=True)["input_ids"])

    def _piece(self, token: int) -> str:
        if self._bytes_of is None:
            return self._decode([token])
        return self._bytes_of(token).decode("utf-8", errors="replace")

    def _decode(self, ids: list[int]) -> str:
        with self._lock:
            text: str = self._backend.decode(
                ids, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return text

    def _reader(self) -> Callable[[int], bytes] | None:
        """How to read the bytes of a token, if the vocabulary has bytes at all."""
        if "ByteLevel" in self._decoders:
            return self._byte_level
        if "ByteFallback" in self._decoders:
            return self._byte_fallback
        return None

    def _byte_level(self, token: int) -> bytes:
        if token in self._added:
            return self._added[token].encode()
        letters = self._backend.convert_ids_to_tokens(token) or ""
        return b"".join(
            bytes([ALPHABET[letter]]) if letter in ALPHABET else letter.encode()
            for letter in letters
        )

    def _byte_fallback(self, token: int) -> bytes:
        if token in self._added:
            return self._added[token].encode()
        piece: str = self._backend.convert_ids_to_tokens(token) or ""
        if byte := FALLBACK_BYTE.fullmatch(piece):
            return bytes([int(byte[1], 16)])
        return piece.replace(WORD_START, " ").encode()


ALPHABET = byte_alphabet()


def _decoders(backend: Any) -> set[str]:
    """The names of the steps by which a tokenizer turns tokens into text; empty if unknown."""
    decoder = getattr(getattr(backend, "backend_tokenizer", None), "decoder", None)
    if decoder is None:
        return set()
    found: set[str] = set()
    steps = [json.loads(decoder.__getstate__())]
    while steps:
        step = steps.pop()
        found.add(step["type"])
        steps += step.get("decoders", [])
    return found
