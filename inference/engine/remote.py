"""The engine as the worker sees it: in a process of its own, which may die without harm."""

import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from inference.engine.answer import Answer
from inference.engine.errors import EngineClosed, EngineError, QueryFailed
from inference.engine.model import ModelSpec, Vocabulary
from inference.engine.queries import GRACE_S, MOST_CANDIDATES, TOO_LATE, Candidate, Prompt, Scoring
from inference.engine.runner import Drawn
from inference.engine.sequence import Ended, Request, Timings, Usage
from inference.engine.wire import (
    Accepted,
    Ask,
    Channel,
    Close,
    Facts,
    Find,
    Found,
    Open,
    Pulse,
    Ready,
    Refusal,
    Step,
    Stop,
    error_of,
)

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
ANSWER_PATIENCE_S = 30.0
SILENT_AFTER_S = 15.0
STUCK_AFTER_S = 30.0
BURIAL_S = 5.0
LOST = "The model's process ended before the answer was complete. Ask again."


class RemoteEngine:
    """Spawns an engine process and speaks for it; one object is one process, never a second one.

    `in_child` runs in the new process before anything else, to tie its life to its parent's: it
    must be started by a thread that lives as long as it. `on_message` hears of every step and
    every pulse, for those who measure.
    """

    def __init__(
        self,
        spec: ModelSpec,
        slots: int,
        threads: int | None = None,
        kv_budget: int | None = None,
        in_child: Callable[[], None] | None = None,
        on_message: Callable[[Step | Pulse], None] | None = None,
    ) -> None:
        self.facts: Facts | None = None
        self.load = (0, 0)
        self._opening = Open(spec, slots, threads, kv_budget)
        self._in_child = in_child
        self._on_message = on_message or (lambda message: None)
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._answers: dict[int, Answer] = {}
        self._replies: dict[int, SimpleQueue[Any]] = {}
        self._opened: SimpleQueue[Ready | Refusal | None] = SimpleQueue()
        self._is_over = False
        self._heard_at = monotonic()
        self._step_s = 0.0

    def start(self) -> None:
        """Spawn the process; `wait` tells when its model stands in memory."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
                [sys.executable, "-m", "inference.engine.process", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                preexec_fn=self._in_child,
            )
        self._channel = Channel(Connection(ours.detach()))
        self._heard_at = monotonic()
        threading.Thread(target=self._listen, name="engine-listener", daemon=True).start()
        self._send(self._opening)

    def wait(self, timeout: float) -> Facts:
        """The facts about the loaded model; raises the CheckpointError that stood in the way."""
        try:
            first = self._opened.get(timeout=timeout)
        except Empty as error:
            raise EngineClosed("The model was not loaded in time.") from error
        if first is None:
            raise EngineClosed("The process of the model ended while it loaded.")
        if isinstance(first, Refusal):
            raise error_of(first)
        self._vocabulary: Vocabulary = first.vocabulary
        self.facts = first.facts
        return first.facts

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there and takes requests."""
        return not self._is_over

    @property
    def is_stuck(self) -> bool:
        """Whether a step takes far too long, or the process has fallen silent."""
        if self.facts is None:
            return False
        return self._step_s > STUCK_AFTER_S or monotonic() - self._heard_at > SILENT_AFTER_S

    def ask(self, request: Request) -> Answer:
        """Queue a request; raises EngineClosed or an InvalidRequest such as PromptTooLong."""
        if self.facts is None:
            raise EngineClosed
        number = next(self._numbers)
        answer = Answer(
            self._vocabulary,
            request.settings,
            lambda: self._send(Stop(number)),
            request.generated,
        )
        with self._lock:
            self._answers[number] = answer
        try:
            self._exchange(number, Ask(number, request), ANSWER_PATIENCE_S)
        except EngineError:
            with self._lock:
                self._answers.pop(number, None)
            raise
        return answer

    def score(self, prompt: Prompt, top_logprobs: int = 5, deadline_s: float = 60.0) -> Scoring:
        """See Engine.score."""
        found = self._find("score", prompt, (), top_logprobs, deadline_s)
        assert isinstance(found, Scoring)
        return found

    def peek(
        self,
        prompt: Prompt,
        generated: tuple[int, ...] = (),
        count: int = MOST_CANDIDATES,
        deadline_s: float = 60.0,
    ) -> tuple[Candidate, ...]:
        """See Engine.peek."""
        found = self._find("peek", prompt, generated, count, deadline_s)
        assert not isinstance(found, Scoring)
        return found

    def close(self, timeout: float = 10.0) -> None:
        """End the process, kindly at first; what is not complete ends as lost."""
        self._send(Close())
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.wait()

    def _find(
        self,
        kind: str,
        prompt: Prompt,
        generated: tuple[int, ...],
        count: int,
        deadline_s: float,
    ) -> Scoring | tuple[Candidate, ...]:
        number = next(self._numbers)
        message = Find(number, kind, prompt, generated, count, deadline_s)
        reply = self._exchange(number, message, deadline_s + 2 * GRACE_S)
        assert isinstance(reply, Found)
        return reply.result

    def _exchange(self, number: int, message: Any, patience_s: float) -> Any:
        """Send a message and wait for the reply; a refusal is raised as the error it names."""
        inbox: SimpleQueue[Any] = SimpleQueue()
        with self._lock:
            if self._is_over:
                raise EngineClosed
            self._replies[number] = inbox
        self._send(message)
        try:
            reply = inbox.get(timeout=patience_s)
        except Empty as error:
            raise QueryFailed(TOO_LATE) from error
        finally:
            with self._lock:
                self._replies.pop(number, None)
        if isinstance(reply, Refusal):
            raise error_of(reply)
        return reply

    def _send(self, message: Any) -> None:
        """A process that is gone is noticed by the listener."""
        try:
            self._channel.send(message)
        except OSError:
            logger.info("A message found nobody: the engine process is gone.")

    def _listen(self) -> None:
        try:
            while True:
                self._take(self._channel.receive())
        except (EOFError, OSError):
            self._mourn()

    def _take(self, message: Any) -> None:
        self._heard_at = monotonic()
        match message:
            case Step(events, running, waiting):
                self.load, self._step_s = (running, waiting), 0.0
                for number, event in events:
                    self._deliver(number, event)
                self._on_message(message)
            case Pulse(running, waiting, step_s):
                self.load, self._step_s = (running, waiting), step_s
                self._on_message(message)
            case Accepted(number) | Found(number) | Refusal(number) if number:
                with self._lock:
                    inbox = self._replies.get(number)
                if inbox is not None:
                    inbox.put(message)
            case Ready() | Refusal():
                self._opened.put(message)

    def _deliver(self, number: int, event: Drawn | Ended) -> None:
        with self._lock:
            is_last = isinstance(event, Ended)
            answer = self._answers.pop(number, None) if is_last else self._answers.get(number)
        if answer is not None:
            answer.deliver(event)

    def _bury(self) -> None:
        """Wait for its end, so that no zombie stays."""
        try:
            self._process.wait(BURIAL_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _mourn(self) -> None:
        """The process is gone, or has nothing more to say: tell everybody who waits for it."""
        self._bury()
        with self._lock:
            self._is_over = True
            answers, self._answers = self._answers, {}
            replies, self._replies = self._replies, {}
        self.load = (0, 0)
        nothing = Ended("lost", Usage(0, 0), Timings(0.0, 0.0, 0.0, 0.0, 0.0), LOST)
        for answer in answers.values():
            answer.deliver(nothing)
        for number, inbox in replies.items():
            inbox.put(Refusal(number, EngineClosed.__name__, LOST))
        self._opened.put(None)
        self._channel.close()
