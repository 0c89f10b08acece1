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
from inference.engine.errors import BudgetTooSmall, EngineClosed
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
from inference.engine.round import Round
from inference.engine.runner import Drawn
from inference.engine.scheduler import Scheduler, Sequence
from inference.engine.sequence import Ended, Request, SamplingSettings

logger = logging.getLogger(__name__)

Deliver = Callable[[Drawn | Ended], None]
HEARTBEAT_S = 1.0
CLOSED = "The engine was closed before the answer was complete. Ask again."
DIED = "The engine broke down before the answer was complete. Ask again."


class Engine:
    """Continuous batching: sequences join and leave between two steps, nobody waits for a batch."""

    def __init__(
        self,
        model: LoadedModel,
        slots: int = 8,
        after_step: Callable[[], None] | None = None,
        kv_budget: int | None = None,
    ) -> None:
        """`after_step` is called by the engine's thread when everybody has been told.

        `kv_budget` bounds the memory for keys and values in bytes; by default half of what is free.
        """
        self.model = model
        self._kv_budget = kv_budget
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
        self._round = Round(self.model, self._scheduler, self._retire, self._kv_budget)
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

    @property
    def memory(self) -> tuple[int, int, int]:
        """Tokens of memory that runs have reserved, that are kept for later ones, and that fit."""
        return self._scheduler.taken, self._round.kept_tokens, self._scheduler.capacity

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
        if sequence.need > self._scheduler.capacity:
            raise BudgetTooSmall(sequence.need, self._scheduler.capacity)
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
                self.steps += self._round.step()
                self._after_step()
                self.last_step_at = monotonic()
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

    def _retire(self, sequence: Sequence) -> None:
        with self._change:
            self._scheduler.retire(sequence)
            self._open.discard(sequence)

    def _abandon(self, error: str) -> None:
        """Nobody will step again: every open answer is told so."""
        with self._change:
            left, self._open = self._open, set()
        for sequence in left:
            now = monotonic()
            sequence.deliver(Ended("failed", sequence.usage(), sequence.timings(now), error))
