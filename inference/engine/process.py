"""The engine's own process: python -m inference.engine.process FD; nothing else computes in it."""

import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

from inference.engine.backends.native.compiler import compilation
from inference.engine.engine import Engine
from inference.engine.errors import EngineError
from inference.engine.model import LoadedModel
from inference.engine.runner import Drawn
from inference.engine.sequence import Ended
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
    Step,
    Stop,
    refusal,
)

logger = logging.getLogger(__name__)

PULSE_S = 1.0
BROKEN_DOWN = 70


class Service:
    """An engine that is asked and answers over a channel."""

    def __init__(
        self, channel: Channel, model: LoadedModel, slots: int, kv_budget: int | None = None
    ) -> None:
        self._channel = channel
        self._outbox: list[tuple[int, Drawn | Ended]] = []
        self._stops: dict[int, Callable[[], None]] = {}
        self.engine = Engine(model, slots, self._flush, kv_budget)

    def run(self) -> None:
        """Answer until the other end closes or goes away, or the engine's thread breaks down."""
        next_pulse = monotonic()
        while self.engine.is_alive:
            if self._channel.poll(max(0.0, next_pulse - monotonic())):
                message = self._channel.receive()
                if isinstance(message, Close):
                    return
                self._take(message)
            if monotonic() >= next_pulse:
                next_pulse = monotonic() + PULSE_S
                self._channel.send(self._pulse())

    def _take(self, message: Any) -> None:
        match message:
            case Ask():
                self._ask(message)
            case Stop(number):
                self._stops.get(number, _nothing)()
            case Find():
                threading.Thread(target=self._find, args=(message,), daemon=True).start()

    def _ask(self, message: Ask) -> None:
        number = message.number

        def deliver(event: Drawn | Ended) -> None:
            self._outbox.append((number, event))

        self._stops[number] = _nothing
        try:
            stop = self.engine.submit(message.request, deliver)
        except EngineError as error:
            del self._stops[number]
            self._channel.send(refusal(number, error))
            return
        if number in self._stops:  # else it has ended already
            self._stops[number] = stop
        self._channel.send(Accepted(number))

    def _find(self, message: Find) -> None:
        """In a thread of its own, which waits for the engine."""
        result: Any
        try:
            if message.kind == "score":
                result = self.engine.score(message.prompt, message.count, message.deadline_s)
            else:
                result = self.engine.peek(
                    message.prompt, message.generated, message.count, message.deadline_s
                )
        except EngineError as error:
            self._channel.send(refusal(message.number, error))
            return
        self._channel.send(Found(message.number, result))

    def _flush(self) -> None:
        """Called by the engine's thread after each step: everything in one message."""
        if not self._outbox:
            return
        events, self._outbox = self._outbox, []
        for number, event in events:
            if isinstance(event, Ended):
                self._stops.pop(number, None)
        try:
            self._channel.send(Step(events, *self.engine.load))
        except OSError:  # nobody listens any more; run() sees it too
            logger.info("The worker is gone.")

    def _pulse(self) -> Pulse:
        running, waiting = self.engine.load
        step_s = monotonic() - self.engine.last_step_at if running else 0.0
        return Pulse(running, waiting, step_s, *self.engine.memory)


def _nothing() -> None:
    """An answer that has ended needs no stop."""


def serve(channel: Channel) -> int:
    """Load what the first message names and serve it; returns the exit code."""
    opening = channel.receive()
    assert isinstance(opening, Open)
    compilation()  # the compiler works while torch is imported
    try:
        model = _loaded(opening)
    except EngineError as error:
        channel.send(refusal(0, error))
        return BROKEN_DOWN
    service = Service(channel, model, opening.slots, opening.kv_budget)
    with service.engine:
        facts = Facts(
            *(model.context, model.revision, model.dtype, model.device),
            *(model.parameters, model.name, model.forward),
        )
        channel.send(Ready(facts, model.tokenizer.vocabulary))
        service.run()
        was_alive = service.engine.is_alive
    return 0 if was_alive else BROKEN_DOWN


def _loaded(opening: Open) -> LoadedModel:
    """The model; importing torch is 0.7 to 1.5 s faster without collecting garbage."""
    gc.disable()
    from inference.engine.loading import load

    gc.freeze()
    gc.enable()
    return load(opening.spec, opening.threads)


def main() -> None:
    """Signals are for the worker, which closes this process when its runs have ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    channel = Channel(Connection(int(sys.argv[1])))
    try:
        code = serve(channel)
    except (EOFError, OSError):
        code = 0  # the worker is gone, and with it everybody who could read
    # At once: tearing down torch takes a second, and there is nothing left to save.
    os._exit(code)


if __name__ == "__main__":
    main()
