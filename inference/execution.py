"""What a worker does to a run: claim, ask the engine, publish, close the row, say so."""

import logging
import math
import re
import time
from dataclasses import asdict
from typing import Any, Final, Protocol

import redis
from django.db import OperationalError, close_old_connections

from inference import metrics, streams
from inference.engine.errors import EngineClosed, EngineError
from inference.engine.sequence import Chunk, Ended, Message, Request, SamplingSettings, Token
from inference.events import DELTA, RESET, STARTED, Event, last_event
from inference.models import Run, State

logger = logging.getLogger(__name__)

HEARTBEAT_S: Final = 2.0
PATIENCE_S: Final = 0.25
"""How long to wait for a token before looking for a stop request or a lease to renew."""
PACE_S: Final = 0.008
CLOSE_PAUSES_S: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
MAX_PACE_S: Final = 0.05
"""Each further run in the batch makes every run publish a little less often, up to this."""

FINE: Final = (
    *("min_p", "repetition_penalty", "frequency_penalty", "presence_penalty"),
    "top_logprobs",
)
"""Settings that a run has only if its reader chose them."""

STATE_OF: Final = {
    "stop": State.SUCCEEDED,
    "stop_string": State.SUCCEEDED,
    "length": State.SUCCEEDED,
    "stopped": State.STOPPED,
    "deadline": State.FAILED,
    "failed": State.FAILED,
}


class Answer(Protocol):
    """The consumer's side of one request to the engine."""

    def get(self, timeout: float) -> Chunk | Ended | None: ...
    def stop(self) -> None: ...


class Asked(Protocol):
    """The engine as this module sees it."""

    @property
    def load(self) -> tuple[int, int]: ...
    def ask(self, request: Request) -> Answer: ...


def code_of(error: EngineError) -> str:
    """PromptTooLong -> prompt_too_long: the name of a refusal, for programs."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(error).__name__).lower()


def request_for(run: Run, deadline_s: float) -> Request:
    """The engine's request for a run's stored prompt and settings."""
    chosen = run.settings
    fine = {name: chosen[name] for name in FINE if name in chosen}
    return Request(
        id=run.id,
        messages=(Message("user", run.prompt),),
        settings=SamplingSettings(
            temperature=chosen["temperature"],
            top_p=chosen["top_p"],
            top_k=chosen["top_k"],
            seed=chosen["seed"],
            max_tokens=chosen["max_tokens"],
            stop=tuple(chosen["stop"]),
            ignore_eos=bool(chosen.get("ignore_eos")),
            **fine,
        ),
        deadline_s=deadline_s,
        generated=tuple(token["i"] for token in run.given),
    )


def _number(value: float) -> float:
    """JSON has no infinities: a probability of zero is shown as e^-99."""
    return round(value, 4) if math.isfinite(value) else -99.0


def storable(text: str) -> str:
    """PostgreSQL stores every character but NUL, and a model may write any byte."""
    return text.replace("\x00", "\ufffd")


def _token(token: Token) -> dict[str, Any]:
    alternatives = [[storable(other.text), _number(other.logprob), other.id] for other in token.top]
    return {
        "i": token.id,
        "t": storable(token.text),
        "p": _number(token.logprob),
        "r": token.rank,
        "a": alternatives,
    }


class Execution:
    """One attempt at one run."""

    def __init__(self, run: Run, connection: redis.Redis, facts: dict[str, str]) -> None:
        self.run = run
        self.facts = facts
        self.writer = streams.StreamWriter(connection, run.id, run.attempt)
        self.text: list[str] = []
        self.tokens: list[dict[str, Any]] = []
        self.next_heartbeat = time.monotonic() + HEARTBEAT_S
        self.is_stop_known = False

    def follow(self, engine: Asked, deadline_s: float) -> None:
        """Runs to the end; whatever happens, the row is closed once or belongs to somebody else."""
        opening = [Event(RESET, {"attempt": self.run.attempt})] if self.run.attempt > 1 else []
        opening.append(Event(STARTED, {"attempt": self.run.attempt}))
        self.writer.append([*opening, *self._given()])
        try:
            answer = engine.ask(request_for(self.run, deadline_s))
        except EngineClosed:
            self._hand_back()
            return
        except EngineError as error:
            self._close(State.FAILED, "failed", error_code=code_of(error), error_message=str(error))
            return
        try:
            ended = self._relay(engine, answer)
        except BaseException:
            answer.stop()
            raise
        if ended is not None and ended.reason == "lost":
            self._hand_back()
        elif ended is not None:
            self._end(ended)

    def _hand_back(self) -> None:
        """The engine's process is gone: the run goes back to the queue once, then it fails."""
        if Run.objects.hand_back(self.run.id, self.run.attempt):
            logger.warning("run %s: its engine was lost, queued again", self.run.id)
            return
        self._close(
            State.FAILED,
            "failed",
            error_code="engine_lost",
            error_message="The model's process died twice on this run. Try again, or shorten it.",
        )

    def _relay(self, engine: Asked, answer: Answer) -> Ended | None:
        while True:
            item = answer.get(PATIENCE_S)
            if isinstance(item, Ended):
                return item
            if self.writer.append(self._deltas(item)) or self.is_stop_known:
                answer.stop()
            if not self._renew():
                answer.stop()
                return None
            running = engine.load[0]
            if item is not None and running > 1:
                time.sleep(min(MAX_PACE_S, PACE_S * running))

    def _given(self) -> list[Event]:
        """What a fork continues from is shown as the beginning of its answer."""
        given = self.run.given
        if not given:
            return []
        text = "".join(token["t"] for token in given)
        self.text.append(text)
        self.tokens.extend(given)
        return [Event(DELTA, {"text": text, "tokens": given})]

    def _deltas(self, chunk: Chunk | None) -> list[Event]:
        if chunk is None:
            return []
        tokens = [_token(token) for token in chunk.tokens]
        text = storable(chunk.text)
        self.text.append(text)
        self.tokens.extend(tokens)
        return [Event(DELTA, {"text": text, "tokens": tokens})]

    def _renew(self) -> bool:
        """Renews the lease when it is due, and sees a stop that Redis did not carry."""
        if time.monotonic() < self.next_heartbeat:
            return True
        self.next_heartbeat = time.monotonic() + HEARTBEAT_S
        close_old_connections()
        try:
            is_ours = Run.objects.heartbeat(self.run.id, self.run.attempt)
            self.is_stop_known = Run.objects.is_stop_requested(self.run.id)
        except OperationalError as error:
            # A locked or restarting database is no reason to throw the answer away.
            logger.warning("run %s: lease not renewed: %s", self.run.id, error)
            return True
        if not is_ours:
            logger.warning("run %s: attempt %d lost its lease", self.run.id, self.run.attempt)
        return is_ours

    def _end(self, ended: Ended) -> None:
        state = STATE_OF.get(ended.reason, State.FAILED)
        failure: dict[str, str] = {}
        if ended.reason == "deadline":
            sentence = "The answer took longer than this server allows and was cut off."
            failure = {"error_code": "deadline", "error_message": sentence}
        elif state == State.FAILED:
            failure = {"error_code": "engine", "error_message": ended.error}
        timings = asdict(ended.timings)
        if self.run.started_at:
            waited = (self.run.started_at - self.run.created_at).total_seconds()
            timings["queue_s"] += waited
            timings["first_token_s"] += waited
            timings["total_s"] += waited
        rounded = {name: round(value, 4) for name, value in timings.items()}
        self._close(state, ended.reason, usage=asdict(ended.usage), timings=rounded, **failure)

    def _close(self, state: State, reason: str, **result: Any) -> None:
        """Row first, then the last event: nobody hears of an end that is not stored."""
        stored = {"finish_reason": reason, "text": "".join(self.text), "tokens": self.tokens}
        if self._store(state, stored | self.facts | result):
            measured = result.get("usage", {}), result.get("timings", {})
            metrics.observe_end(self.run.model, reason, *measured)
            self.writer.append([final_event(state, reason, result)])

    def _store(self, state: State, values: dict[str, Any]) -> bool:
        """Closes the row; a database that is away for a moment is waited for."""
        for pause in CLOSE_PAUSES_S:
            close_old_connections()
            try:
                return Run.objects.close(self.run.id, self.run.attempt, state, **values)
            except OperationalError as error:
                logger.warning("run %s: not stored yet: %s", self.run.id, error)
                time.sleep(pause)
        return Run.objects.close(self.run.id, self.run.attempt, state, **values)


def final_event(state: State, reason: str, result: dict[str, Any]) -> Event:
    """The one last event of a run, from what was stored."""
    code = result.get("error_code")
    return last_event(
        str(state.value),
        reason,
        usage=result.get("usage", {}),
        timings=result.get("timings", {}),
        error={"code": code, "message": result["error_message"]} if code else None,
    )


def execute(
    run_id: str,
    engine: Asked,
    connection: redis.Redis,
    *,
    worker: str,
    facts: dict[str, str],
    deadline_s: float,
) -> bool:
    """One delivery of a run's id: claims the run if it still waits, and follows it to its end.

    `facts` are the model's revision, dtype and device for the receipt. Returns False when there was
    nothing to do (withdrawn, taken by another worker, delivered twice).
    """
    run = Run.objects.claim(run_id, worker)
    if run is None:
        return False
    waiting = Run.objects.waiting().filter(model=run.model).in_order()
    streams.announce_positions(connection, list(waiting.values_list("id", flat=True)[:256]))
    facts = {
        "model_revision": facts["revision"],
        "dtype": facts["dtype"],
        "device": facts["device"],
    }
    Execution(run, connection, facts).follow(engine, deadline_s)
    return True
