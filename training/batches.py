"""Draws the examples of each training step and lays them out as tensors of similar length."""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch

from training import corpus
from training.corpus import Corpus, Example
from training.phrasings import typed
from training.tokenizer import Encoder

Row = tuple[list[int], list[bool]]
IGNORED = -100
# Which share of the drawn examples is of which kind. Long prompts recur often because each of
# them has only one wording; terms and conversations have hundreds.
MIXTURE: Mapping[str, float] = {
    "conversation": 0.32,
    "term": 0.19,
    "examples": 0.14,
    "talk": 0.11,
    "run": 0.09,
    "outside": 0.05,
    "faq": 0.04,
    "compared": 0.03,
    "changed": 0.03,
}
LONGEST_TYPED = 120  # characters; a prompt that was pasted is not retyped
TEXT_SHARE_AT_FIRST, TEXT_SHARE_LATER, TEXT_STEPS = 0.4, 0.06, 250
SYSTEM_SHARE, SECOND_TURN_SHARE = 0.15, 0.12
PIECE_LENGTH = 384
MICRO_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class MicroBatch:
    """ids and targets, both (rows, length) int64; a target of -100 is not learned."""

    ids: torch.Tensor
    targets: torch.Tensor


class Batches:
    """The examples of a step are a pure function of seed and step, so a stopped run resumes."""

    def __init__(self, corpus_: Corpus, encoder: Encoder, seed: int, rows: int) -> None:
        self._encoder, self._seed, self._rows = encoder, seed, rows
        self._systems = corpus_.systems
        self._answers = {kind: _by_answer(corpus_.examples, kind) for kind in MIXTURE}
        self._kinds = [kind for kind in MIXTURE if self._answers[kind]]
        self._frequencies = {k: _frequencies(self._answers[k]) for k in self._kinds}
        self._weights = [MIXTURE[kind] for kind in self._kinds]
        self._pieces = [p for text in corpus_.documents for p in _pieces(encoder.document(text))]

    def draw(self, step: int) -> list[MicroBatch]:
        """The step's rows in micro-batches of similar length."""
        rng = random.Random(f"{self._seed}/{step}")  # noqa: S311 - a draw of examples
        text_share = TEXT_SHARE_AT_FIRST if step < TEXT_STEPS else TEXT_SHARE_LATER
        rows = [
            rng.choice(self._pieces) if rng.random() < text_share else self._chat(rng)
            for _ in range(self._rows)
        ]
        return [laid_out(group) for group in grouped(rows)]

    def _chat(self, rng: random.Random) -> Row:
        example = self._typed(rng)
        if example.kind not in {"run", "changed"} and rng.random() < SECOND_TURN_SHARE:
            example = corpus.joined(example, self._typed(rng))
        system = rng.choice(self._systems) if rng.random() < SYSTEM_SHARE else None
        return self._encoder.chat(example.turns, system)

    def _typed(self, rng: random.Random) -> Example:
        kind = rng.choices(self._kinds, self._weights)[0]
        example = rng.choice(rng.choices(self._answers[kind], self._frequencies[kind])[0])
        if kind == "run" or len(example.turns[0][0]) > LONGEST_TYPED:
            return example
        return replace(example, turns=tuple((typed(q, rng), a) for q, a in example.turns))


def _by_answer(examples: Sequence[Example], kind: str) -> list[list[Example]]:
    """The examples of a kind, those with the same answer together."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example.kind == kind:
            groups[example.turns[-1][1]].append(example)
    return list(groups.values())


def _frequencies(groups: list[list[Example]]) -> list[float]:
    """An answer recurs with the square root of its phrasings: neither drowned nor drowning."""
    return [math.sqrt(len(group)) for group in groups]


def grouped(rows: list[Row]) -> Iterator[list[Row]]:
    """Rows by length, in groups of about `MICRO_TOKENS`, so that little of it is padding."""
    group: list[Row] = []
    for row in sorted(rows, key=lambda row: len(row[0])):
        if group and len(row[0]) * (len(group) + 1) > MICRO_TOKENS:
            yield group
            group = []
        group.append(row)
    yield group


def laid_out(rows: list[Row]) -> MicroBatch:
    """Rows padded on the right, where causal attention cannot see the padding."""
    length = max(len(ids) for ids, _ in rows) - 1
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    targets = torch.full((len(rows), length), IGNORED)
    for i, (tokens, learned) in enumerate(rows):
        row, width = torch.tensor(tokens), len(tokens) - 1
        ids[i, :width] = row[:-1]
        targets[i, :width] = row[1:].masked_fill(~torch.tensor(learned[1:]), IGNORED)
    return MicroBatch(ids, targets)


def _pieces(row: Row) -> Iterator[Row]:
    """A long document in pieces of at most `PIECE_LENGTH` tokens that overlap by an eighth."""
    ids, learned = row
    step = PIECE_LENGTH * 7 // 8
    for start in range(0, max(1, len(ids) - PIECE_LENGTH // 8), step):
        yield ids[start : start + PIECE_LENGTH], learned[start : start + PIECE_LENGTH]
