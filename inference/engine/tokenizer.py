"""Between conversations, token ids and text; what a reader types never becomes a control token."""

import json
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from jinja2 import TemplateError

from inference.engine.detokenizer import byte_alphabet
from inference.engine.errors import (
    EmptyPrompt,
    PromptRefused,
    UnsupportedModel,
    first_sentence,
)
from inference.engine.model import Detokenizer, Vocabulary
from inference.engine.sequence import Message
from inference.engine.vocabulary import ByteVocabulary, PairVocabulary

FALLBACK_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
WORD_START = "\u2581"  # the lower block by which SentencePiece writes a space


class ChatTokenizer:
    """A transformers tokenizer with the chat template of its model; safe to use from any thread."""

    def __init__(self, backend: Any, ends: Iterable[int]) -> None:
        self._backend = backend
        self._lock = threading.Lock()
        self.ends = frozenset(ends)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """How this tokenizer reads ids."""
        return vocabulary_of(self._backend)

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
        return self.vocabulary.detokenizer()

    def piece(self, token: int) -> str:
        """The text of one id on its own, for display."""
        return self.vocabulary.piece(token)

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


def vocabulary_of(backend: Any) -> Vocabulary:
    """The vocabulary of a tokenizer of transformers, ready to travel; its steps decide the kind."""
    decoders = _decoders(backend)
    read: Callable[[str], bytes]
    if "ByteLevel" in decoders:
        read = _byte_level
    elif "ByteFallback" in decoders:
        read = _byte_fallback
    elif (core := getattr(backend, "backend_tokenizer", None)) is not None:
        return PairVocabulary(core.to_str())
    else:
        raise UnsupportedModel(
            "The tokenizer of this model is not in the form of a tokenizer.json. Choose a model "
            "that has one."
        )
    names = backend.convert_ids_to_tokens(list(range(len(backend))))
    tokens = [read(name or "") for name in names]
    for token, added in backend.added_tokens_decoder.items():
        tokens[token] = b"" if added.special else added.content.encode()
    return ByteVocabulary(tuple(tokens), "Strip" in decoders)


def _byte_level(letters: str) -> bytes:
    return b"".join(
        bytes([ALPHABET[letter]]) if letter in ALPHABET else letter.encode() for letter in letters
    )


def _byte_fallback(piece: str) -> bytes:
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
