"""The vocabulary of the wire: what a run can tell its readers, and in which shape."""

import json
from dataclasses import dataclass
from typing import Any, Final

QUEUED: Final = "queued"
STARTED: Final = "started"
DELTA: Final = "delta"
RESET: Final = "reset"
FINAL: Final = ("succeeded", "failed", "stopped")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a run; `data` is a JSON object."""

    name: str
    data: dict[str, Any]

    @property
    def is_final(self) -> bool:
        return self.name in FINAL

    def fields(self) -> dict[str, str]:
        """As the field-value pairs of a Redis stream entry."""
        return {"e": self.name, "d": json.dumps(self.data, ensure_ascii=False, allow_nan=False)}

    @classmethod
    def from_fields(cls, fields: dict[bytes, bytes]) -> "Event":
        return cls(fields[b"e"].decode(), json.loads(fields[b"d"]))

    def as_sse(self, event_id: str | None = None) -> bytes:
        """As one block of text/event-stream (WHATWG HTML, 9.2); JSON holds no raw newline."""
        head = f"id: {event_id}\n" if event_id else ""
        data = json.dumps(self.data, ensure_ascii=False, allow_nan=False)
        return f"{head}event: {self.name}\ndata: {data}\n\n".encode()


def last_event(
    state: str,
    finish_reason: str,
    *,
    usage: dict[str, Any],
    timings: dict[str, Any],
    error: dict[str, str] | None,
) -> Event:
    """The one event that ends a run, whoever ended it."""
    data = {"finish_reason": finish_reason, "usage": usage, "timings": timings, "error": error}
    return Event(state, data)
