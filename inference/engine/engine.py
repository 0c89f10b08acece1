"""One thread that answers many readers at once, one step for all of them after the other."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import Self

from inference.engine.admission import check_known, room_after
from inference.engine.answer import Answer
from inference.engine.errors import EngineClosed, first_sentence
from inference.engine.model import LoadedModel
from inference.engine.queries import (
    MOST_CANDIDATES,
    Candidate,
    Peek,
    Prompt,
    Query,
    Reply,
    Score,
    Scoring,
    encoded,
)
from inference.engine.runner import Drawn, Failure
from inference.engine.scheduler import Scheduler, Sequence, row_of
from inference.engine.sequence import Ended, Request, SamplingSettings

logger = logging.getLogger(__name__)

Deliver = Callable[[Drawn | Ended], None]
HEARTBEAT_S = 1.0
CLOSED = "The engine was closed before the answer was complete. Ask again."
DIED = "The engine broke down before the answer was complete. Ask again."


class Engine:
    """Continuous batching: sequences join and leave between two steps, nobody waits for a batch."""

    def __init__(
        self, model: LoadedModel, slots: int = 8, after_step: Callable[[], None] | None = None
    ) -> None:
        """`after_step` is called by the engine's thread when everybody has been told."""
        self.model = model
        self._after_step = after_step or (lambda: None)
        self.steps = 0
        self.last_step_at = monotonic()
        self._scheduler = Scheduler(slots)
        self._arrivals: deque[Sequence] = deque()
        self._open: set[Sequence] = set()
        self._change = threading.Condition()
        self._is_awake = False
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Reserve the memory of the slots and begin to answer."""
        self.model.runner.reserve(self._scheduler.slots)
        self.last_step_at = monotonic()
        self._thread.start()

    def close(self, timeout: float = 10.0) -> None:
        """Stop answering; what is not complete ends as failed, after `timeout` s at the latest."""
        with self._change:
            self._is_closing = True
            self._change.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)
        self._abandon(CLOSED)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs and takes requests; `last_step_at` tells if it is stuck."""
        return self._thread.is_alive() and not self._is_closing

    @property
    def load(self) -> tuple[int, int]:
        """How many sequences hold a slot, and how many wait for one."""
        with self._change:
            running = len(self._scheduler.running)
            return running, len(self._open) - running

    def ask(self, request: Request) -> Answer:
        """Queue a request; raises EngineClosed or an InvalidRequest such as PromptTooLong."""

        def stop() -> None:
            stop_asked()

        answer = Answer(self.model.tokenizer, request.settings, stop, request.generated)
        stop_asked = self.submit(request, answer.deliver)
        return answer

    def submit(self, request: Request, deliver: Deliver) -> Callable[[], None]:
        """Queue a request whose tokens and end go to `deliver`; returns what stops it."""
        self._check_alive()
        settings, given = request.settings, request.generated
        check_known((*given, *settings.stop_tokens, *dict(settings.logit_bias)), self.model)
        prompt = [*self.model.tokenizer.encode(request.messages), *given]
        limit = min(settings.max_tokens - len(given), room_after(prompt, self.model))
        sequence = Sequence(request, prompt, limit, deliver, monotonic())
        self._submit(sequence)
        return lambda: self._stop(sequence)

    def score(self, prompt: Prompt, top_logprobs: int = 5, deadline_s: float = 60.0) -> Scoring:
        """How probable every token of a text or a conversation is; waits until it is known.

        Raises an InvalidRequest, EngineClosed or QueryFailed. A conversation is scored together
        with the control tokens of its template.
        """
        self._check_alive()
        ids = encoded(prompt, self.model.tokenizer)
        room_after(ids, self.model)
        score = Score(ids, top_logprobs)
        self._find_out(score, ids[:-1], deadline_s)
        return score.result(self.model.tokenizer)

    def peek(
        self,
        prompt: Prompt,
        generated: tuple[int, ...] = (),
        count: int = MOST_CANDIDATES,
        deadline_s: float = 60.0,
    ) -> tuple[Candidate, ...]:
        """The `count` tokens most likely to follow a text, or a conversation and `generated`.

        Waits until they are known; raises an InvalidRequest, EngineClosed or QueryFailed.
        """
        self._check_alive()
        check_known(generated, self.model)
        ids = [*encoded(prompt, self.model.tokenizer), *generated]
        room_after(ids, self.model)
        peek = Peek(count)
        self._find_out(peek, ids, deadline_s)
        return peek.result(self.model.tokenizer)

    def _find_out(self, query: Query, ids: list[int], deadline_s: float) -> None:
        """Let a query read its prompt through a slot like everybody else, and wait for it."""
        reply = Reply(lambda: self._stop(sequence))
        request = Request("query", (), SamplingSettings(), deadline_s)
        sequence = Sequence(request, ids, 0, reply.deliver, monotonic(), query)
        self._submit(sequence)
        reply.wait(deadline_s)

    def _submit(self, sequence: Sequence) -> None:
        with self._change:
            self._check_alive()
            self._open.add(sequence)
            self._arrivals.append(sequence)
        self._wake()

    def _stop(self, sequence: Sequence) -> None:
        sequence.is_stopped = True
        self._wake()

    def _check_alive(self) -> None:
        if not self.is_alive:
            raise EngineClosed

    def _wake(self) -> None:
        with self._change:
            self._is_awake = True
            self._change.notify()

    def _run(self) -> None:
        reason = DIED
        try:
            while self._is_needed():
                self._step()
            reason = CLOSED
        except Exception:
            logger.exception("The engine thread died.")
        finally:
            with self._change:
                self._is_closing = True
            self._abandon(reason)
            self._after_step()

    def _is_needed(self) -> bool:
        """Wait until there is work; False once the engine is closing."""
        with self._change:
            while not (self._is_closing or self._is_awake or self._scheduler.is_busy):
                self.last_step_at = monotonic()
                self._change.wait(HEARTBEAT_S)
            self._is_awake = False
            while self._arrivals:
                self._scheduler.add(self._arrivals.popleft())
            return not self._is_closing

    def _step(self) -> None:
        """One round: let go of who must leave, let in who waits, read prompts, write one token."""
        now = monotonic()
        for sequence in self._scheduler.overdue(now):
            self._end(sequence, "stopped" if sequence.is_stopped else "deadline")
        self._scheduler.admit(now)
        is_computing = bool(self._scheduler.running)
        for sequence, size in self._scheduler.prefills():
            self._prefill(sequence, size)
        writers = self._scheduler.decoding()
        if writers:
            self._decode(writers)
        self._after_step()
        self.steps += is_computing
        self.last_step_at = monotonic()

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
            self._take(sequence, drawn)
        elif is_last:
            self._end(sequence, "stop")

    def _read(self, sequence: Sequence, tokens: list[int], is_last: bool) -> Drawn | Failure | None:
        runner, slot, start = self.model.runner, sequence.slot, sequence.prefilled
        if sequence.query is not None:
            return sequence.query.read(runner, slot, tokens, start, is_last=is_last)
        return runner.prefill(slot, tokens, start, sequence.draw if is_last else None)

    def _decode(self, writers: list[Sequence]) -> None:
        try:
            drawn = self.model.runner.decode([row_of(sequence) for sequence in writers])
        except Exception as error:
            logger.exception("A step of %d sequences failed.", len(writers))
            why = f"The model failed while writing: {first_sentence(error)}. Ask again."
            for sequence in list(self._scheduler.running):
                self._end(sequence, "failed", why)
            self.model.runner.reset()
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
        return token in self.model.tokenizer.ends and not settings.ignore_eos

    def _end(self, sequence: Sequence, reason: str, error: str = "") -> None:
        """Free the slot at once, then tell the reader."""
        if sequence.slot >= 0:
            self.model.runner.release(sequence.slot)
        with self._change:
            self._scheduler.retire(sequence)
            self._open.discard(sequence)
        sequence.deliver(Ended(reason, sequence.usage(), sequence.timings(monotonic()), error))

    def _abandon(self, error: str) -> None:
        """Nobody will step again: every open answer is told so."""
        with self._change:
            left, self._open = self._open, set()
        for sequence in left:
            now = monotonic()
            sequence.deliver(Ended("failed", sequence.usage(), sequence.timings(now), error))
