"""How token ids are read as text, without the model or its library: enough to follow an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tokenizers import Tokenizer

from inference.engine.detokenizer import BytesDetokenizer, PairDetokenizer
from inference.engine.model import Detokenizer


@dataclass(frozen=True)
class ByteVocabulary:
    """For byte-level BPE and SentencePiece with byte fallback: each token is some bytes."""

    tokens: Sequence[bytes]
    strips_first_space: bool

    def detokenizer(self) -> Detokenizer:
        return BytesDetokenizer(self.bytes_of, self.strips_first_space)

    def bytes_of(self, token: int) -> bytes:
        """The bytes of a token; a model may have more ids than its tokenizer, which say nothing."""
        return self.tokens[token] if token < len(self.tokens) else b""

    def piece(self, token: int) -> str:
        return self.bytes_of(token).decode("utf-8", errors="replace")


@dataclass(frozen=True)
class PairVocabulary:
    """For every other vocabulary: `description` is the JSON of the tokenizers library."""

    description: str

    @cached_property
    def _backend(self) -> Tokenizer:
        return Tokenizer.from_str(self.description)

    def detokenizer(self) -> Detokenizer:
        return PairDetokenizer(self._decode)

    def piece(self, token: int) -> str:
        return _piece(self, token)

    def _decode(self, ids: list[int]) -> str:
        text: str = self._backend.decode(ids, skip_special_tokens=True)
        return text


@lru_cache(maxsize=2**16)
def _piece(vocabulary: PairVocabulary, token: int) -> str:
    return vocabulary._decode([token])
