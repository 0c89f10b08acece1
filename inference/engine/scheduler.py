"""Decides who waits, who reads their prompt and who writes: first come, first served."""

import heapq
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from inference.engine.queries import Query
from inference.engine.runner import Draw, Drawn, History, Row
from inference.engine.sequence import Ended, Request, Timings, Usage

CHUNK = 256
"""How many tokens of prompts are read in one step."""
UNLIMITED = 2**62


@dataclass(slots=True, eq=False)
class Sequence:
    """One request on its way through the engine; only the engine's thread changes it.

    `prompt` ends with the tokens that the request continues from, `limit` is how many may follow.
    A sequence with a query reads its prompt and leaves.
    """

    request: Request
    prompt: list[int]
    limit: int
    deliver: Callable[[Drawn | Ended], None]
    submitted_at: float
    query: Query | None = None
    history: History | None = None
    slot: int = -1
    prefilled: int = 0
    generated: int = 0
    written: list[int] = field(default_factory=list)
    cached: int = 0
    admitted_at: float | None = None
    prefilled_at: float | None = None
    first_token_at: float | None = None
    is_stopped: bool = False

    def __post_init__(self) -> None:
        if self.request.settings.is_penalising:
            self.history = History(set(self.prompt), Counter(self.request.generated))

    @property
    def is_prefilled(self) -> bool:
        return self.prefilled == len(self.prompt)

    @property
    def need(self) -> int:
        """How many tokens of memory it may take at most."""
        return len(self.prompt) + self.limit

    @property
    def held(self) -> list[int]:
        """The tokens whose keys and values are surely in its slot."""
        return [*self.prompt[: self.prefilled], *self.written[:-1]]

    @property
    def draw(self) -> Draw:
        position = len(self.request.generated) + self.generated
        return Draw(self.request.settings, position, self.history)

    def write(self, token: int, now: float) -> None:
        """Append a drawn token, which the next step will read."""
        self.generated += 1
        self.written.append(token)
        if self.history is not None:
            self.history.add(token)
        if self.first_token_at is None:
            self.first_token_at = now

    def is_late(self, now: float) -> bool:
        return now - self.submitted_at >= self.request.deadline_s

    def usage(self) -> Usage:
        return Usage(len(self.prompt), self.generated, self.cached)

    def timings(self, now: float) -> Timings:
        """The seconds up to `now`; a stage that was never reached took 0."""
        admitted = self.admitted_at if self.admitted_at is not None else now
        prefilled = self.prefilled_at if self.prefilled_at is not None else now
        first = self.first_token_at
        writing = now - first if first is not None else 0.0
        return Timings(
            queue_s=admitted - self.submitted_at,
            prefill_s=max(0.0, prefilled - admitted),
            first_token_s=first - self.submitted_at if first is not None else 0.0,
            total_s=now - self.submitted_at,
            tokens_per_second=(self.generated - 1) / writing if writing > 0 else 0.0,
        )


@dataclass(slots=True)
class Scheduler:
    """Hands out slots in the order of arrival, and long prompts in chunks between the steps.

    Chunks begin at multiples of `chunk` of each prompt, so that a prompt is cut at the same
    places whoever else is there: the arithmetic, and with it the text, stays the same.
    """

    slots: int
    chunk: int = CHUNK
    capacity: int = UNLIMITED  # tokens that fit into the memory
    taken: int = 0
    waiting: deque[Sequence] = field(default_factory=deque)
    running: list[Sequence] = field(default_factory=list)
    _free: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._free = list(range(self.slots))

    @property
    def is_busy(self) -> bool:
        """Whether anybody is here; all slots may fall free in one step while others wait."""
        return bool(self.running or self.waiting)

    def add(self, sequence: Sequence) -> None:
        self.waiting.append(sequence)

    def admit(self, now: float) -> None:
        """Give free slots, the lowest first, to those who have waited longest.

        Who comes first waits until its memory is free too; nobody overtakes.
        """
        while self.waiting and self._free:
            if self.taken + self.waiting[0].need > self.capacity:
                return
            sequence = self.waiting.popleft()
            self.taken += sequence.need
            sequence.slot = heapq.heappop(self._free)
            sequence.admitted_at = now
            self.running.append(sequence)

    def prefills(
        self, begin: Callable[[Sequence], None] | None = None
    ) -> Iterator[tuple[Sequence, int]]:
        """Who reads how many tokens of its prompt in this step, about one chunk in total.

        `begin` is called for those who have read nothing yet.
        """
        budget = self.chunk
        for sequence in [one for one in self.running if not one.is_prefilled]:
            if begin is not None and sequence.prefilled == 0:
                begin(sequence)
            size = min(self.chunk, len(sequence.prompt) - sequence.prefilled)
            if size > budget:
                return
            budget -= size
            yield sequence, size

    def decoding(self) -> list[Sequence]:
        """Who writes a token in this step: everyone who has read the whole prompt."""
        return [one for one in self.running if one.is_prefilled]

    def overdue(self, now: float) -> list[Sequence]:
        """Who has to leave before the next step: stopped by the reader, or out of time."""
        everyone = (*self.running, *self.waiting)
        return [one for one in everyone if one.is_stopped or one.is_late(now)]

    def retire(self, sequence: Sequence) -> None:
        """Take a sequence out, and free its slot if it has one."""
        if sequence.slot < 0:
            self.waiting.remove(sequence)
            return
        self.running.remove(sequence)
        self.taken -= sequence.need
        heapq.heappush(self._free, sequence.slot)
        sequence.slot = -1


def row_of(sequence: Sequence) -> Row:
    """What the runner needs to know to write the next token of a sequence."""
    return Row(sequence.slot, sequence.written[-1], sequence.draw)
