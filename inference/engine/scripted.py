"""A true Runner that needs no weights: a script says how likely every next byte is.

Its tokens are the bytes of UTF-8 and one that ends the answer, so that characters split over
tokens, sampling, stops and failures behave as with a real model, in microseconds.
"""

import math
import time
from collections.abc import Callable, Sequence

from inference.engine.detokenizer import BytesDetokenizer
from inference.engine.errors import EmptyPrompt
from inference.engine.model import Detokenizer, LoadedModel
from inference.engine.noise import uniform
from inference.engine.runner import Draw, Drawn, Failure, Row
from inference.engine.sequence import Message, SamplingSettings

END = 256
VOCABULARY = 257
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

    def __init__(self, script: Script, pause_s: float = 0.0) -> None:
        self._script = script
        self._pause_s = pause_s
        self.prompts: dict[int, bytes] = {}
        self._written: dict[int, bytes] = {}
        self._slots = 0

    def reserve(self, slots: int) -> None:
        self._slots = slots

    def prefill(
        self, slot: int, tokens: Sequence[int], start: int, draw: Draw | None
    ) -> Drawn | Failure | None:
        known = b"" if start == 0 else self.prompts[slot]
        if not (0 <= slot < self._slots and len(known) == start):
            raise IndexError(f"Slot {slot} holds {len(known)} tokens; {start} were expected.")
        self.prompts[slot], self._written[slot] = known + bytes(tokens), b""
        return self._drawn(slot, draw) if draw is not None else None

    def decode(self, rows: Sequence[Row]) -> list[Drawn | Failure]:
        time.sleep(self._pause_s)
        for row in rows:
            self._written[row.slot] += bytes([row.token])
        return [self._drawn(row.slot, row.draw) for row in rows]

    def release(self, slot: int) -> None:
        self.prompts.pop(slot, None)
        self._written.pop(slot, None)

    def reset(self) -> None:
        self.prompts.clear()
        self._written.clear()

    def _drawn(self, slot: int, draw: Draw) -> Drawn | Failure:
        logits = self._script(self.prompts[slot], self._written[slot])
        if not all(map(math.isfinite, logits)):
            return Failure("The script gave numbers that are not finite.")
        floor = max(logits)
        total = floor + math.log(sum(math.exp(logit - floor) for logit in logits))
        order = sorted(range(VOCABULARY), key=lambda token: (-logits[token], token))
        chosen = _chosen(logits, order, draw)
        top = order[: draw.settings.top_logprobs]
        return Drawn(
            id=chosen,
            logprob=logits[chosen] - total,
            rank=order.index(chosen) + 1,
            top_ids=tuple(top),
            top_logprobs=tuple(logits[token] - total for token in top),
        )


def _chosen(logits: Sequence[float], order: list[int], draw: Draw) -> int:
    """Temperature, then top-k, then top-p, as in the sampler of the real models."""
    settings = draw.settings
    if settings.temperature == 0:
        return order[0]
    order = order[: settings.top_k or VOCABULARY]
    weights = _tempered([logits[token] for token in order], settings)
    mark = uniform(settings.seed, draw.position) * sum(weights)
    for token, weight in zip(order, weights, strict=False):
        mark -= weight
        if mark < 0:
            return token
    return order[0]


def _tempered(logits: list[float], settings: SamplingSettings) -> list[float]:
    """The weights of the most probable tokens up to the share top_p of the whole."""
    weights = [math.exp((logit - logits[0]) / settings.temperature) for logit in logits]
    goal = settings.top_p * sum(weights)
    kept: list[float] = []
    for weight in weights:
        if sum(kept) >= goal:
            break
        kept.append(weight)
    return kept


class ByteTokenizer:
    """UTF-8: a token is a byte, and 256 ends the answer."""

    ends = frozenset({END})

    def encode(self, messages: Sequence[Message]) -> list[int]:
        text = "\n".join(message.content for message in messages)
        if not text.strip():
            raise EmptyPrompt
        return list(text.encode())

    def detokenizer(self) -> Detokenizer:
        return BytesDetokenizer(_bytes_of, strips_first_space=False)

    def piece(self, token: int) -> str:
        return _bytes_of(token).decode("utf-8", errors="replace")


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
