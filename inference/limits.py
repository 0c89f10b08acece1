"""How often and how much may be asked: per browser, per address, and for the queue as a whole."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from inference.models import Run

SUBMIT_LOCK: Final = 7_205_931
"""The PostgreSQL advisory lock under which limits are counted and a row is added."""


@dataclass
class LimitReached(Exception):
    """Overload is a normal answer: a status, a sentence, and when to come back."""

    status: int
    code: str
    message: str
    retry_after: int


def lock() -> None:
    """Makes count-then-insert one step. SQLite's IMMEDIATE transaction already holds its lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SUBMIT_LOCK])


def check(browser: str, address: str) -> None:
    """Raises LimitReached when one more run would be too many. Call it inside a transaction."""
    lock()
    _check_browser(browser)
    _check_address(address)
    _check_queue()


def _check_browser(browser: str) -> None:
    most = settings.MAX_RUNS_PER_BROWSER
    if Run.objects.active().filter(browser=browser).count() >= most:
        raise LimitReached(
            429,
            "busy_browser",
            f"You already have {most} runs under way. Stop one, or wait until it ends.",
            5,
        )


def _check_address(address: str) -> None:
    most, now = settings.MAX_RUNS_PER_MINUTE, timezone.now()
    minute = Run.objects.filter(address=address, created_at__gt=now - timedelta(minutes=1))
    recent = list(minute.order_by("-created_at").values_list("created_at", flat=True)[:most])
    if len(recent) >= most:
        wait = 60 - int((now - recent[-1]).total_seconds())
        raise LimitReached(
            429,
            "busy_address",
            f"That was {most} runs within a minute from your network. Try again in {wait} seconds.",
            max(1, wait),
        )


def _check_queue() -> None:
    if Run.objects.waiting().count() >= settings.MAX_WAITING_RUNS:
        raise LimitReached(
            503, "queue_full", "The queue is full at the moment. Try again in half a minute.", 30
        )
