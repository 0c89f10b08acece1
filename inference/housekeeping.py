"""The reaper: puts back what a dead worker left, sends again what the broker lost."""

import logging
import threading
import time
from datetime import timedelta
from typing import Final

import redis
from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from inference import services, streams
from inference.models import Run, State, retention_limit

logger = logging.getLogger(__name__)

PERIOD_S: Final = 2.0
FORGET_PERIOD_S: Final = 3600.0
STALE: Final = timedelta(seconds=6)
LONGEST_WAIT: Final = timedelta(minutes=10)


def sweep() -> None:
    """One round. Every move is a compare-and-set, so any number of processes may sweep at once."""
    for run in Run.objects.lost():
        if Run.objects.requeue(run.id, run.attempt):
            logger.warning("run %s: its worker was lost, queued again", run.id)
        elif Run.objects.give_up(run.id, run.attempt):
            logger.warning("run %s: its worker was lost %d times, failed", run.id, run.attempt)
            _publish_end(run.id)
    _send_again()
    _expire()


def _send_again() -> None:
    """Queued rows whose message is nowhere: never sent, or gone with the broker's memory."""
    now = timezone.now()
    waiting = Run.objects.waiting()
    for run in waiting.filter(enqueued_at=None, created_at__lt=now - timedelta(seconds=1)):
        services.enqueue(run)
    for run in waiting.filter(enqueued_at__lt=now - STALE).in_order():
        if _is_queue_empty(run.model):
            services.enqueue(run)


def _is_queue_empty(model: str) -> bool:
    try:
        return streams.client().llen(services.queue_of(model)) == 0
    except redis.RedisError:
        return False


def _expire() -> None:
    """A run that waited ten minutes is not going to be answered: say so instead of hanging on."""
    limit = timezone.now() - LONGEST_WAIT
    for run in Run.objects.waiting().filter(created_at__lt=limit):
        moved = Run.objects.filter(id=run.id, state=State.QUEUED).update(
            state=State.FAILED,
            finish_reason="failed",
            finished_at=timezone.now(),
            error_code="expired",
            error_message="No worker took this run within ten minutes. Try again later.",
        )
        if moved:
            _publish_end(run.id)


def _publish_end(run_id: str) -> None:
    run = Run.objects.get(id=run_id)
    streams.append_from_web(streams.client(), run.id, run.attempt, run.last_event())


def forget() -> int:
    """Deletes ended runs beyond the retention time, except shared ones; returns how many."""
    old = Run.objects.filter(finished_at__lt=retention_limit(), is_shared=False)
    return old.delete()[0]


class Housekeeper:
    """A daemon thread that sweeps every two seconds for as long as its process lives."""

    def __init__(self) -> None:
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Also for one that was never started: a worker may be told to stop while it starts."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _work(self) -> None:
        next_forget = time.monotonic() + 60
        while not self._is_over.wait(PERIOD_S):
            close_old_connections()
            try:
                sweep()
                if time.monotonic() >= next_forget:
                    next_forget = time.monotonic() + FORGET_PERIOD_S
                    forget()
            except (DatabaseError, redis.RedisError) as error:
                logger.warning("housekeeping: %s; trying again in %.0f s", error, PERIOD_S)
        connections.close_all()
