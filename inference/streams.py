"""The wire between a worker and a run's readers: one Redis stream a run, never the truth.

An entry's id is `<attempt>-<sequence>`. Redis refuses an id that is not greater than the last one,
so a worker that lost its lease cannot write behind its successor's back, and a reader resumes by
sending the last id it saw.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from inference.events import QUEUED, Event

logger = logging.getLogger(__name__)

LIFETIME_S: Final = 3600
LONGEST: Final = 4096
STOP_LIFETIME_S: Final = 600


def events_key(run_id: str) -> str:
    return f"run:{run_id}:events"


def stop_key(run_id: str) -> str:
    return f"run:{run_id}:stop"


@lru_cache(maxsize=2)
def _client_for(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=1,
        socket_timeout=2,
        retry=Retry(NoBackoff(), 1),
        retry_on_error=[redis.ConnectionError],
    )


def client() -> redis.Redis:
    """The shared, thread-safe client; it gives up after a second or two, so no page hangs."""
    return _client_for(settings.CELERY_BROKER_URL)


class StreamWriter:
    """Writes one attempt's events in order; keeps them all, to rewrite a stream that Redis lost."""

    def __init__(self, connection: redis.Redis, run_id: str, attempt: int) -> None:
        self.connection = connection
        self.run_id = run_id
        self.attempt = attempt
        self.written: list[Event] = []
        self.sent = 0
        self.is_interrupted = False

    def append(self, events: Iterable[Event] = ()) -> bool:
        """Sends the events in one round trip; returns whether a stop was requested.

        An unreachable Redis is no error here: the events wait for the next call, which starts the
        stream anew, because a broker that went away may have come back empty.
        """
        self.written.extend(events)
        try:
            is_stop_requested = self._send()
        except redis.RedisError as error:
            if not self.is_interrupted:
                logger.warning("run %s: stream interrupted: %s", self.run_id, error)
            self.is_interrupted = True
            return False
        self.is_interrupted = False
        self.sent = len(self.written)
        return is_stop_requested

    def _send(self) -> bool:
        key = events_key(self.run_id)
        first = 0 if self.is_interrupted else self.sent
        pipe = self.connection.pipeline(transaction=True)
        if self.is_interrupted:
            pipe.delete(key)
        for number, event in enumerate(self.written[first:], start=first + 1):
            pipe.xadd(
                key,
                event.fields(),  # type: ignore[arg-type]
                id=f"{self.attempt}-{number}",
                maxlen=LONGEST,
                approximate=True,
            )
        pipe.expire(key, LIFETIME_S)
        pipe.exists(stop_key(self.run_id))
        return bool(pipe.execute()[-1])


def announce_positions(connection: redis.Redis, run_ids: Sequence[str]) -> None:
    """Tells every waiting reader its place in the queue; a missed announcement costs nothing."""
    pipe = connection.pipeline(transaction=False)
    for place, run_id in enumerate(run_ids, start=1):
        event = Event(QUEUED, {"position": place})
        pipe.xadd(events_key(run_id), event.fields(), id="0-*", maxlen=LONGEST)  # type: ignore[arg-type]
        pipe.expire(events_key(run_id), LIFETIME_S)
    try:
        pipe.execute(raise_on_error=False)
    except redis.RedisError as error:
        logger.info("positions not announced: %s", error)


def append_from_web(connection: redis.Redis, run_id: str, attempt: int, event: Event) -> None:
    """An event of a run that no worker holds; readers without it are answered from the row."""
    try:
        connection.xadd(events_key(run_id), event.fields(), id=f"{attempt}-*")  # type: ignore[arg-type]
        connection.expire(events_key(run_id), LIFETIME_S)
    except redis.RedisError as error:
        logger.info("run %s: event not sent: %s", run_id, error)


def request_stop(connection: redis.Redis, run_id: str) -> None:
    """Raises the flag that the worker reads at every flush; the row carries it as well."""
    try:
        connection.set(stop_key(run_id), 1, ex=STOP_LIFETIME_S)
    except redis.RedisError as error:
        logger.info("run %s: stop flag not sent: %s", run_id, error)
