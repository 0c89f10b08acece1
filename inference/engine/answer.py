"""The reader's side of a request: takes tokens at its own pace and never slows the engine."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from time import monotonic

from inference.engine.model import Vocabulary
from inference.engine.runner import Drawn
from inference.engine.sequence import Chunk, Ended, SamplingSettings
from inference.engine.transcript import Transcript


class Answer:
    """A stream of chunks that ends with exactly one Ended; for one consuming thread."""

    def __init__(
        self,
        tokenizer: Vocabulary,
        settings: SamplingSettings,
        stop: Callable[[], None],
        given: Sequence[int] = (),
    ) -> None:
        self._inbox: SimpleQueue[Drawn | Ended] = SimpleQueue()
        self._transcript = Transcript(tokenizer, settings, given)
        self._stop = stop
        self._end: Ended | None = None
        self.ended: Ended | None = None

    def deliver(self, event: Drawn | Ended) -> None:
        """Called by the engine; never blocks. Nothing counts after the first Ended."""
        self._inbox.put(event)

    def stop(self) -> None:
        """Ask the engine to stop within one step; the Ended event still arrives."""
        self._stop()

    def get(self, timeout: float) -> Chunk | Ended | None:
        """Everything that is ready as one chunk, then the end; None if `timeout` s brought nothing.

        After the end, every call returns the same Ended again.
        """
        until = monotonic() + timeout
        while True:
            self._receive_all()
            chunk = self._transcript.take()
            if chunk is not None:
                return chunk
            if self._end is not None:
                self.ended = self._end
                return self.ended
            try:
                self._receive(self._inbox.get(timeout=max(0.0, until - monotonic())))
            except Empty:
                return None

    def __iter__(self) -> Iterator[Chunk]:
        while not isinstance(event := self.get(timeout=1.0), Ended):
            if event is not None:
                yield event

    def _receive_all(self) -> None:
        while not self._inbox.empty():
            self._receive(self._inbox.get_nowait())

    def _receive(self, event: Drawn | Ended) -> None:
        if self._end is not None:
            return
        if isinstance(event, Ended):
            self._transcript.finish()
            self._end = self._as_read(event)
            return
        was_stopped = self._transcript.is_stopped
        self._transcript.add(event)
        if self._transcript.is_stopped and not was_stopped:
            self._stop()

    def _as_read(self, ended: Ended) -> Ended:
        """A stop string decides the end, however many tokens the engine was ahead of the reader."""
        if not self._transcript.is_stopped:
            return ended
        usage = replace(ended.usage, completion_tokens=self._transcript.count)
        return replace(ended, reason="stop_string", usage=usage, error="")
