"""A Run is one question put to a model: its row is the truth, from queued to its one end."""

import secrets
from datetime import datetime, timedelta
from typing import Any, Final, Self

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from inference.events import Event, last_event

LEASE: Final = timedelta(seconds=8)
"""A worker that has not renewed its lease for this long is taken for dead."""
MAX_ATTEMPTS: Final = 2


class State(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STOPPED = "stopped"


ENDED: Final = (State.SUCCEEDED, State.FAILED, State.STOPPED)


def new_run_id() -> str:
    """128 random bits in hexadecimal, so that guessing one is hopeless."""
    return secrets.token_hex(16)


class RunQuerySet(models.QuerySet["Run"]):
    """Every move is one compare-and-set UPDATE: it happens if the state still is as assumed."""

    def waiting(self) -> Self:
        return self.filter(state=State.QUEUED)

    def active(self) -> Self:
        return self.filter(state__in=(State.QUEUED, State.RUNNING))

    def in_order(self) -> Self:
        return self.order_by("created_at", "id")

    def claim(self, run_id: str, worker: str) -> "Run | None":
        """queued -> running for one worker; None if it was withdrawn or another one was faster."""
        now = timezone.now()
        moved = self.filter(id=run_id, state=State.QUEUED).update(
            state=State.RUNNING,
            attempt=models.F("attempt") + 1,
            worker=worker,
            started_at=now,
            heartbeat_at=now,
        )
        return self.get(id=run_id) if moved else None

    def heartbeat(self, run_id: str, attempt: int) -> bool:
        """Renews the lease; False tells the worker that the run is not its own any more."""
        return bool(
            self.filter(id=run_id, attempt=attempt, state=State.RUNNING).update(
                heartbeat_at=timezone.now()
            )
        )

    def is_stop_requested(self, run_id: str) -> bool:
        return self.filter(id=run_id, is_stop_requested=True).exists()

    def close(self, run_id: str, attempt: int, state: State, **result: Any) -> bool:
        """running -> its end, with the result, only for the attempt that holds the lease."""
        assert state in ENDED
        return bool(
            self.filter(id=run_id, attempt=attempt, state=State.RUNNING).update(
                state=state, finished_at=timezone.now(), **result
            )
        )

    def withdraw(self, run_id: str) -> bool:
        """queued -> stopped: leaving the queue before a worker took the run."""
        return bool(
            self.filter(id=run_id, state=State.QUEUED).update(
                state=State.STOPPED, finish_reason="stopped", finished_at=timezone.now()
            )
        )

    def lost(self) -> Self:
        """Running rows whose worker has stopped renewing its lease."""
        return self.filter(state=State.RUNNING, heartbeat_at__lt=timezone.now() - LEASE)

    def requeue(self, run_id: str, attempt: int) -> bool:
        """running -> queued after a lost lease while attempts are left, unless it was renewed."""
        return bool(
            self.lost()
            .filter(id=run_id, attempt=attempt, attempt__lt=MAX_ATTEMPTS)
            .update(state=State.QUEUED, enqueued_at=None, worker="")
        )

    def hand_back(self, run_id: str, attempt: int) -> bool:
        """running -> queued by the worker that holds the lease, while attempts are left."""
        return bool(
            self.filter(
                id=run_id, attempt=attempt, state=State.RUNNING, attempt__lt=MAX_ATTEMPTS
            ).update(state=State.QUEUED, enqueued_at=None, worker="")
        )

    def give_up(self, run_id: str, attempt: int) -> bool:
        """running -> failed after the last attempt's lease was lost."""
        return bool(
            self.lost()
            .filter(id=run_id, attempt=attempt)
            .update(
                state=State.FAILED,
                finish_reason="failed",
                finished_at=timezone.now(),
                error_code="worker_lost",
                error_message="The worker died twice on this run. Try again, or shorten it.",
            )
        )

    def mark_enqueued(self, run_id: str, seen: datetime | None) -> bool:
        """Claims the right to put a queued run on the broker, so that two reapers do it once."""
        return bool(
            self.filter(id=run_id, state=State.QUEUED, enqueued_at=seen).update(
                enqueued_at=timezone.now()
            )
        )


class Run(models.Model):
    """One question, its settings, its answer and the evidence of how it was made."""

    id = models.CharField(primary_key=True, max_length=32, default=new_run_id, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=80, blank=True)
    is_stop_requested = models.BooleanField(default=False)

    created_at = models.DateTimeField(default=timezone.now)
    enqueued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    browser = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    key = models.CharField(max_length=64, null=True)  # noqa: DJ001  NULL keeps the pair unique-free
    is_shared = models.BooleanField(default=False)
    replay_of = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="replays"
    )

    source_kind = models.CharField(max_length=10, blank=True)
    source_ref = models.CharField(max_length=120, blank=True)
    prompt = models.TextField()
    settings = models.JSONField(default=dict)
    model = models.CharField(max_length=80)
    model_revision = models.CharField(max_length=80, blank=True)
    dtype = models.CharField(max_length=20, blank=True)
    device = models.CharField(max_length=40, blank=True)

    text = models.TextField(blank=True)
    tokens = models.JSONField(default=list)
    usage = models.JSONField(default=dict)
    timings = models.JSONField(default=dict)
    finish_reason = models.CharField(max_length=20, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["browser", "key"], name="run_key_once_per_browser"),
        ]
        indexes = [
            models.Index(fields=["state", "created_at"], name="run_queue"),
            models.Index(fields=["browser", "created_at"], name="run_browser"),
            models.Index(fields=["address", "created_at"], name="run_address"),
        ]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.id} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("run", args=[self.id])

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def given(self) -> list[dict[str, Any]]:
        """The tokens of another answer that this one continues from."""
        given: list[dict[str, Any]] = self.settings.get("given", [])
        return given

    @property
    def error(self) -> dict[str, str] | None:
        """What went wrong, as the API and the wire tell it."""
        return {"code": self.error_code, "message": self.error_message} if self.error_code else None

    def last_event(self) -> Event:
        """The end of this run as its readers hear it; only for a run that has ended."""
        return last_event(
            self.state,
            self.finish_reason,
            usage=self.usage,
            timings=self.timings,
            error=self.error,
        )

    def position(self) -> int:
        """Its place in the queue from 1, or 0 once it left the queue."""
        if self.state != State.QUEUED:
            return 0
        same_queue = Run.objects.waiting().filter(model=self.model)
        return same_queue.filter(created_at__lt=self.created_at).count() + 1

    def replay_matches(self) -> bool | None:
        """Whether a replay gave the text of its original; None while that cannot be said."""
        original = self.replay_of
        if original is None or not (self.is_ended and original.is_ended):
            return None
        if State.SUCCEEDED not in (self.state, original.state) or self.state != original.state:
            return None
        return self.text == original.text


def retention_limit() -> datetime:
    """Runs older than this are forgotten, unless they were shared."""
    return timezone.now() - timedelta(days=settings.RUN_RETENTION_DAYS)
