"""One round of the engine: who leaves, who comes in, prompts are read, everybody writes a token."""

import logging
from collections.abc import Callable
from time import monotonic

from inference.engine.errors import first_sentence
from inference.engine.model import LoadedModel
from inference.engine.prefixes import PrefixCache
from inference.engine.runner import Drawn, Failure
from inference.engine.scheduler import Scheduler, Sequence, row_of
from inference.engine.sequence import Ended, SamplingSettings

logger = logging.getLogger(__name__)

COMPLETE = ("stop", "length", "stopped")


class Round:
    """What the engine's thread does over and over; `retire` takes a sequence off its books."""

    def __init__(
        self,
        model: LoadedModel,
        scheduler: Scheduler,
        retire: Callable[[Sequence], None],
        kv_budget: int | None = None,
    ) -> None:
        """Reserves the memory of the slots."""
        self._model = model
        self._scheduler = scheduler
        self._retire = retire
        runner = model.runner
        runner.reserve(scheduler.slots, kv_budget)
        scheduler.capacity = runner.budget // max(1, runner.bytes_per_token)
        self._prefixes = PrefixCache(runner.prefix_block, scheduler.capacity)

    @property
    def kept_tokens(self) -> int:
        """How many tokens of earlier prompts are kept."""
        return self._prefixes.tokens

    def step(self) -> bool:
        """Let go of who must leave, let in who waits, read prompts, write one token.

        Returns whether there was anybody to compute for.
        """
        now = monotonic()
        for sequence in self._scheduler.overdue(now):
            self._end(sequence, "stopped" if sequence.is_stopped else "deadline")
        self._scheduler.admit(now)
        self._prefixes.limit(self._scheduler.capacity - self._scheduler.taken)
        is_computing = bool(self._scheduler.running)
        for sequence, size in self._scheduler.prefills(self._reuse):
            self._prefill(sequence, size)
        writers = self._scheduler.decoding()
        if writers:
            self._decode(writers)
        return is_computing

    def _reuse(self, sequence: Sequence) -> None:
        """Begin behind what was read of the same beginning before."""
        if sequence.query is not None:
            return
        for start, saved in self._prefixes.find(sequence.prompt):
            self._model.runner.restore(sequence.slot, start, saved)
            sequence.prefilled = sequence.cached = start + self._model.runner.prefix_block

    def _keep(self, sequence: Sequence, tokens: list[int]) -> None:
        """Keep what a slot holds for those who begin in the same way."""
        runner, slot = self._model.runner, sequence.slot
        self._prefixes.keep(tokens, lambda start, end: runner.save(slot, start, end))

    def _prefill(self, sequence: Sequence, size: int) -> None:
        start = sequence.prefilled
        is_last = start + size == len(sequence.prompt)
        try:
            drawn = self._read(sequence, sequence.prompt[start : start + size], is_last)
        except Exception as error:
            logger.exception("Reading the prompt of request %s failed.", sequence.request.id)
            self._end(
                sequence, "failed", f"The model failed on the prompt: {first_sentence(error)}."
            )
            return
        sequence.prefilled += size
        if drawn is not None:
            sequence.prefilled_at = monotonic()
            if not isinstance(drawn, Failure):
                self._keep(sequence, sequence.prompt)
            self._take(sequence, drawn)
        elif is_last:
            self._end(sequence, "stop")

    def _read(self, sequence: Sequence, tokens: list[int], is_last: bool) -> Drawn | Failure | None:
        runner, slot, start = self._model.runner, sequence.slot, sequence.prefilled
        if sequence.query is not None:
            return sequence.query.read(runner, slot, tokens, start, is_last=is_last)
        return runner.prefill(slot, tokens, start, sequence.draw if is_last else None)

    def _decode(self, writers: list[Sequence]) -> None:
        try:
            drawn = self._model.runner.decode([row_of(sequence) for sequence in writers])
        except Exception as error:
            logger.exception("A step of %d sequences failed.", len(writers))
            why = f"The model failed while writing: {first_sentence(error)}. Ask again."
            for sequence in list(self._scheduler.running):
                self._end(sequence, "failed", why)
            self._model.runner.reset()
            self._prefixes.clear()
            return
        for sequence, outcome in zip(writers, drawn, strict=True):
            self._take(sequence, outcome)

    def _take(self, sequence: Sequence, outcome: Drawn | Failure) -> None:
        """Pass a token on to its reader, and end the sequence if it was the last one."""
        if isinstance(outcome, Failure):
            self._end(sequence, "failed", outcome.error)
        elif self._is_end(outcome.id, sequence.request.settings):
            self._end(sequence, "stop")
        else:
            sequence.write(outcome.id, monotonic())
            sequence.deliver(outcome)
            if sequence.generated == sequence.limit:
                self._end(sequence, "length")

    def _is_end(self, token: int, settings: SamplingSettings) -> bool:
        if token in settings.stop_tokens:
            return True
        return token in self._model.tokenizer.ends and not settings.ignore_eos

    def _end(self, sequence: Sequence, reason: str, error: str = "") -> None:
        """Free the slot at once, then tell the reader."""
        if sequence.slot >= 0:
            if reason in COMPLETE and sequence.written and self._model.runner.is_exact:
                self._keep(sequence, sequence.held)
            self._model.runner.release(sequence.slot)
        self._retire(sequence)
        sequence.deliver(Ended(reason, sequence.usage(), sequence.timings(monotonic()), error))
