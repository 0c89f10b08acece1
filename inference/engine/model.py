"""A model as the engine sees it: what to load, and what stands in memory afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from inference.engine.runner import Runner
from inference.engine.sequence import Message


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Which checkpoint to load: a local folder or a hub id, and in which number format.

    `revision` is a hub commit, or for a folder the first characters of the SHA-256 of its
    weights; a folder that differs from it is refused. `context` bounds the memory per slot.
    `forward` is auto, native (the compiled step) or plain (the model's own forward pass).
    """

    source: str
    revision: str | None = None
    dtype: str = "float32"
    device: str = "auto"
    context: int | None = None
    forward: str = "auto"


class Detokenizer(Protocol):
    """Turns the tokens of one answer into text, one by one, whole characters only."""

    def push(self, token: int) -> str:
        """The text that became complete with this token."""

    @property
    def is_inside_character(self) -> bool:
        """Whether bytes wait for the rest of their character."""

    def flush(self) -> str:
        """What is left at the end: a replacement character for every broken rest."""


class Vocabulary(Protocol):
    """How ids are read as text; it can be sent to another process."""

    def detokenizer(self) -> Detokenizer:
        """A fresh detokenizer for one answer."""

    def piece(self, token: int) -> str:
        """The text of one id on its own, for display."""


class Tokenizer(Protocol):
    """Between messages, token ids and text."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its reading half."""

    @property
    def ends(self) -> frozenset[int]:
        """The ids that end an answer."""

    def encode(self, messages: Sequence[Message]) -> list[int]:
        """The prompt of a conversation as ids; raises EmptyPrompt and PromptRefused."""

    def encode_text(self, text: str) -> list[int]:
        """A plain text as ids, without any template; raises EmptyPrompt."""

    def detokenizer(self) -> Detokenizer:
        """A fresh detokenizer for one answer."""

    def piece(self, token: int) -> str:
        """The text of one id on its own, for display."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready to answer, with the facts a reader may want to know about it."""

    runner: Runner
    tokenizer: Tokenizer
    context: int
    revision: str
    dtype: str
    device: str
    parameters: int
    name: str
    forward: str = "plain"
