"""The reaper: nothing that was accepted is forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inference import housekeeping, services, streams
from inference.models import LEASE, Run, State, retention_limit
from tests.inference.runs import make_run

pytestmark = pytest.mark.django_db
QUEUE = "model.embedded"


def ago(**span: float):
    return timezone.now() - timedelta(**span)


def queue_length() -> int:
    return streams.client().llen(QUEUE)


def test_a_row_that_was_never_sent_is_sent(broker):
    run = make_run(created_at=ago(seconds=5))
    housekeeping.sweep()
    run.refresh_from_db()
    assert queue_length() == 1
    assert run.enqueued_at is not None


def test_rows_whose_messages_the_broker_lost_are_sent_again_once(broker):
    runs = [make_run(created_at=ago(seconds=60), enqueued_at=ago(seconds=50)) for _ in range(3)]
    housekeeping.sweep()
    assert queue_length() >= 1
    housekeeping.sweep()
    assert queue_length() <= len(runs)


def test_a_run_in_a_queue_that_still_holds_messages_is_not_sent_again(broker):
    services.enqueue(make_run())
    make_run(created_at=ago(seconds=60), enqueued_at=ago(seconds=50))
    housekeeping.sweep()
    assert queue_length() == 1


def test_a_lost_run_goes_back_into_the_queue_and_is_sent(broker):
    run = make_run()
    Run.objects.claim(run.id, "dead")
    Run.objects.filter(id=run.id).update(
        heartbeat_at=timezone.now() - 2 * LEASE, created_at=ago(seconds=20)
    )
    housekeeping.sweep()
    run.refresh_from_db()
    assert (run.state, run.attempt) == (State.QUEUED, 1)
    assert queue_length() == 1


def test_a_run_that_nobody_takes_fails_in_words_and_on_the_wire(broker):
    run = make_run(created_at=ago(minutes=11), enqueued_at=ago(seconds=1))
    housekeeping.sweep()
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "expired")
    last = streams.client().xrevrange(streams.events_key(run.id), count=1)[0][1]
    assert last[b"e"] == b"failed"


def test_old_runs_are_forgotten_but_not_shared_ones():
    old = retention_limit() - timedelta(days=1)
    make_run(state=State.SUCCEEDED, finished_at=old)
    shared = make_run(state=State.SUCCEEDED, finished_at=old, is_shared=True)
    young = make_run(state=State.SUCCEEDED, finished_at=timezone.now())
    housekeeping.forget()
    assert set(Run.objects.values_list("id", flat=True)) == {shared.id, young.id}


def test_a_housekeeper_that_never_started_can_be_stopped() -> None:
    housekeeping.Housekeeper().stop()
