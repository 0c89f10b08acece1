"""A true Runner that needs no weights: a script says how likely every next byte is.

Its tokens are the bytes of UTF-8 and one that ends the answer, so that characters split over
tokens, sampling, stops and failures behave as with a real model, in microseconds.
"""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from inference.engine.errors import EmptyPrompt
from inference.engine.model import Detokenizer, LoadedModel
from inference.engine.noise import uniform
from inference.engine.runner import Draw, Drawn, Failure, Peeked, Row
from inference.engine.sequence import Message, SamplingSettings
from inference.engine.vocabulary import ByteVocabulary

END = 256
VOCABULARY = 257
NOT_FINITE = "The script gave numbers that are not finite."
LETTERS = b"abcdefghijklmnopqrstuvwxyz      .,\n"

Script = Callable[[bytes, bytes], Sequence[float]]
"""(prompt, what is written so far) -> a logit for each of the 256 bytes and for the end."""


def saying(text: str) -> Script:
    """A script that wants to write `text` and then to end."""
    wanted = (*text.encode(), END)

    def script(prompt: bytes, written: bytes) -> list[float]:
        logits = [0.0] * VOCABULARY
        logits[wanted[min(len(written), len(wanted) - 1)]] = 20.0
        return logits

    return script


def babbling(prompt: bytes, written: bytes) -> list[float]:
    """A script that writes letters which depend on everything before, and never ends."""
    logits = [-100.0] * VOCABULARY
    seed = int.from_bytes(prompt[-32:] + written[-32:], "little")
    for letter in LETTERS:
        logits[letter] = 6 * uniform(seed, len(written) * VOCABULARY + letter)
    return logits


class ScriptedRunner:
    """Plays a script for every slot; `pause_s` makes each decode step take its time."""

    vocabulary = VOCABULARY
    bytes_per_token = 1
    prefix_block = 4
    is_exact = True
    budget = 2**30

    def __init__(self, script: Script, pause_s: float = 0.0) -> None:
        self._script = script
        self._pause_s = pause_s
        self.prompts: dict[int, list[int]] = {}
        self._written: dict[int, tuple[bytes, bytes]] = {}
        self._slots = 0

    def reserve(self, slots: int, budget: int | None = None) -> None:
        self._slots = slots
        self.budget = self.budget if budget is None else budget

    def save(self, slot: int, start: int, end: int) -> list[int]:
        written = self._written.get(slot, (b"", b""))[1]
        held = [*self.prompts[slot], *written]
        return held[start:end]

    def restore(self, slot: int, start: int, saved: list[int]) -> None:
        self.prompts[slot] = [*self.prompts.get(slot, [])[:start], *saved]

    def prefill(
        self, slot: int, tokens: Sequence[int], start: int, draw: Draw | None
    ) -> Drawn | Failure | None:
        known = [] if start == 0 else self.prompts[slot]
        if not (0 <= slot < self._slots and len(known) == start):
            raise IndexError(f"Slot {slot} holds {len(known)} tokens; {start} were expected.")
        read = self.prompts[slot] = [*known, *tokens]
        if draw is None:
            return None
        begin = len(read) - draw.position  # a fork has written something already
        self._written[slot] = _text(read[:begin]), _text(read[begin:])
        return self._drawn(slot, draw)

    def score(
        self, slot: int, tokens: Sequence[int], start: int, targets: Sequence[int], count: int
    ) -> list[Drawn] | Failure:
        found = []
        for place, (token, target) in enumerate(zip(tokens, targets, strict=True), start):
            self.prefill(slot, [token], place, None)
            logits = self._script(_text(self.prompts[slot]), b"")
            if not all(map(math.isfinite, logits)):
                return Failure(NOT_FINITE)
            found.append(_described(logits, target, count))
        return found

    def peek(self, slot: int, tokens: Sequence[int], start: int, count: int) -> Peeked | Failure:
        self.prefill(slot, tokens, start, None)
        logits = self._script(_text(self.prompts[slot]), b"")
        if not all(map(math.isfinite, logits)):
            return Failure(NOT_FINITE)
        likeliest = _described(logits, 0, count)
        values = tuple(logits[token] for token in likeliest.top_ids)
        return Peeked(likeliest.top_ids, values, likeliest.top_logprobs)

    def decode(self, rows: Sequence[Row]) -> list[Drawn | Failure]:
        time.sleep(self._pause_s)
        for row in rows:
            prompt, written = self._written[row.slot]
            self._written[row.slot] = prompt, written + _bytes_of(row.token)
        return [self._drawn(row.slot, row.draw) for row in rows]

    def release(self, slot: int) -> None:
        self.prompts.pop(slot, None)
        self._written.pop(slot, None)

    def reset(self) -> None:
        self.prompts.clear()
        self._written.clear()

    def _drawn(self, slot: int, draw: Draw) -> Drawn | Failure:
        logits = self._script(*self._written[slot])
        if not all(map(math.isfinite, logits)):
            return Failure(NOT_FINITE)
        weights = _weights(_adjusted(logits, draw), draw.settings)
        drawn = _described(logits, _chosen(weights, draw), draw.settings.top_logprobs)
        if not draw.settings.sampled_probabilities:
            return drawn
        total = sum(weights.values())
        chances = [weights.get(token, 0.0) / total for token in (drawn.id, *drawn.top_ids)]
        return replace(drawn, sampled=chances[0], top_sampled=tuple(chances[1:]))


def _described(logits: Sequence[float], token: int, count: int) -> Drawn:
    """A token with its raw log-probability, its rank and the `count` most probable ones."""
    floor = max(logits)
    total = floor + math.log(sum(math.exp(logit - floor) for logit in logits))
    order = _order(logits)
    top = tuple(order[:count])
    logprobs = tuple(logits[one] - total for one in top)
    return Drawn(token, logits[token] - total, order.index(token) + 1, top, logprobs)


def _order(logits: Sequence[float]) -> list[int]:
    """All ids, the most probable first."""
    return sorted(range(VOCABULARY), key=lambda token: (-logits[token], token))


def _adjusted(logits: Sequence[float], draw: Draw) -> Sequence[float]:
    """The logits after bias and penalties, one token after the other."""
    settings, history = draw.settings, draw.history
    if history is None and not settings.logit_bias:
        return logits
    scores = list(logits)
    for token, bias in settings.logit_bias:
        scores[token] += bias
    for token in history.seen if history else ():
        factor = settings.repetition_penalty
        scores[token] = scores[token] * factor if scores[token] < 0 else scores[token] / factor
    for token, count in history.written.items() if history else ():
        scores[token] -= count * settings.frequency_penalty + settings.presence_penalty
    return scores


def _weights(logits: Sequence[float], settings: SamplingSettings) -> dict[int, float]:
    """Temperature, then top-k, top-p and min-p, as in the sampler of the real models."""
    order = _order(logits)
    if settings.temperature == 0:
        return {order[0]: 1.0}
    order = order[: settings.top_k or VOCABULARY]
    best = logits[order[0]]
    weights = {one: math.exp((logits[one] - best) / settings.temperature) for one in order}
    goal, mass = settings.top_p * sum(weights.values()), 0.0
    kept: dict[int, float] = {}
    for token, weight in weights.items():
        if mass >= goal or weight < settings.min_p:
            break
        kept[token] = weight
        mass += weight
    return kept


def _chosen(weights: dict[int, float], draw: Draw) -> int:
    """Where the dice of this seed and position fall."""
    mark = uniform(draw.settings.seed, draw.position) * sum(weights.values())
    for token, weight in weights.items():
        mark -= weight
        if mark < 0:
            return token
    return next(iter(weights))


class ByteTokenizer:
    """UTF-8: a token is a byte, and 256 ends the answer."""

    ends = frozenset({END})
    vocabulary = ByteVocabulary(tuple(bytes([byte]) for byte in range(END)), False)

    def encode(self, messages: Sequence[Message]) -> list[int]:
        text = "\n".join(message.content for message in messages)
        if not text.strip():
            raise EmptyPrompt
        return list(text.encode())

    def encode_text(self, text: str) -> list[int]:
        if not text:
            raise EmptyPrompt
        return list(text.encode())

    def detokenizer(self) -> Detokenizer:
        return self.vocabulary.detokenizer()

    def piece(self, token: int) -> str:
        return self.vocabulary.piece(token)


def _text(tokens: Sequence[int]) -> bytes:
    return b"".join(map(_bytes_of, tokens))


def _bytes_of(token: int) -> bytes:
    return bytes([token]) if token < END else b""


def scripted_model(
    script: Script | str = babbling, pause_s: float = 0.0, context: int = 4096
) -> LoadedModel:
    """A model that plays a script; a text stands for the script that says it."""
    runner = ScriptedRunner(saying(script) if isinstance(script, str) else script, pause_s)
    return LoadedModel(
        runner=runner,
        tokenizer=ByteTokenizer(),
        context=context,
        revision="scripted",
        dtype="float32",
        device="cpu",
        parameters=0,
        name="scripted",
    )
