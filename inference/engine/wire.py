"""What the worker and the engine process say to each other, and how it is written down.

Both ends are this program on this machine, joined by a pair of sockets that nobody else can open.
The tokens of a step are one message in the compact form of marshal; everything else is pickled.
"""

import marshal
import pickle
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from inference.engine.errors import EngineError
from inference.engine.model import ModelSpec, Vocabulary
from inference.engine.queries import Candidate, Prompt, Scoring
from inference.engine.runner import Drawn
from inference.engine.sequence import Ended, Request


@dataclass(frozen=True, slots=True)
class Open:
    """The first message: what to load, and for how many sequences."""

    spec: ModelSpec
    slots: int
    threads: int | None = None
    kv_budget: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader may want to know about the model that was loaded."""

    context: int
    revision: str
    dtype: str
    device: str
    parameters: int
    name: str
    forward: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The model stands in memory."""

    facts: Facts
    vocabulary: Vocabulary


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no, with the name of its error; number 0 is the loading itself."""

    number: int
    error: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Ask:
    """A question under a number by which both sides call it from now on."""

    number: int
    request: Request


@dataclass(frozen=True, slots=True)
class Accepted:
    """A question was understood and waits for a slot."""

    number: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Nobody wants the rest of this answer."""

    number: int


@dataclass(frozen=True, slots=True)
class Find:
    """A query: score (`generated` is ignored) or peek, with how many alternatives."""

    number: int
    kind: str
    prompt: Prompt
    generated: tuple[int, ...]
    count: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """The result of a query."""

    number: int
    result: Scoring | tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Pulse:
    """Once a second: how many run and wait, and for how long the current step has been going on.

    The memory is counted in tokens: reserved by runs, kept for later ones, and how many fit.
    """

    running: int
    waiting: int
    step_s: float
    taken: int = 0
    kept: int = 0
    capacity: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """What a step brought, for all sequences at once."""

    events: list[tuple[int, Drawn | Ended]]
    running: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Close:
    """Leave; whoever is still there is told so."""


class Channel:
    """One end of the pair; any thread may send, one receives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Any) -> None:
        """Send a whole message; raises OSError once the other end is gone."""
        data = _written(message)
        with self._lock:
            self._connection.send_bytes(data)

    def receive(self) -> Any:
        """The next message; raises EOFError once the other end is gone."""
        try:
            return _read(self._connection.recv_bytes())
        except ConnectionError as error:
            raise EOFError from error

    def poll(self, timeout: float) -> bool:
        """Whether there is something to receive within `timeout` s."""
        try:
            return self._connection.poll(timeout)
        except ConnectionError:
            return True

    def close(self) -> None:
        self._connection.close()


def _written(message: Any) -> bytes:
    if not isinstance(message, Step):
        return b"p" + pickle.dumps(message)
    drawn = [
        (number, one.id, one.logprob, one.rank, one.top_ids, one.top_logprobs)
        + ((one.sampled, one.top_sampled) if one.sampled is not None else ())
        for number, one in message.events
        if isinstance(one, Drawn)
    ]
    ended = [(number, one) for number, one in message.events if isinstance(one, Ended)]
    rest = pickle.dumps(ended) if ended else b""
    return b"s" + marshal.dumps((drawn, rest, message.running, message.waiting))


def _read(data: bytes) -> Any:
    if data[:1] == b"p":
        return pickle.loads(data[1:])  # noqa: S301  from our own process, see above
    drawn, ended, running, waiting = marshal.loads(data[1:])  # noqa: S302  as above
    events: list[tuple[int, Drawn | Ended]] = [(number, Drawn(*rest)) for number, *rest in drawn]
    if ended:
        events += pickle.loads(ended)  # noqa: S301  as above
    return Step(events, running, waiting)


def refusal(number: int, error: EngineError) -> Refusal:
    """An error as a message."""
    return Refusal(number, type(error).__name__, str(error))


def error_of(message: Refusal) -> EngineError:
    """The error that the other side raised, with its name and its sentence."""
    kinds: list[type[EngineError]] = [EngineError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    kind = next((kind for kind in kinds if kind.__name__ == message.error), EngineError)
    error = kind.__new__(kind)
    Exception.__init__(error, message.sentence)
    return error
