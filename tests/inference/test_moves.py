"""A run moves only if it still is what the mover thinks it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from inference.models import LEASE, MAX_ATTEMPTS, Run, State
from tests.inference.runs import make_run

pytestmark = pytest.mark.django_db


def lose_lease(run: Run) -> None:
    Run.objects.filter(id=run.id).update(heartbeat_at=timezone.now() - LEASE - timedelta(seconds=1))


def test_a_run_is_claimed_by_one_worker_only():
    run = make_run()
    first = Run.objects.claim(run.id, "one")
    assert first is not None
    assert (first.state, first.attempt, first.worker) == (State.RUNNING, 1, "one")
    assert Run.objects.claim(run.id, "two") is None


def test_a_withdrawn_run_is_never_claimed():
    run = make_run()
    assert Run.objects.withdraw(run.id)
    assert Run.objects.claim(run.id, "one") is None
    run.refresh_from_db()
    assert (run.state, run.finish_reason) == (State.STOPPED, "stopped")
    assert run.finished_at is not None


def test_a_running_run_cannot_be_withdrawn():
    run = make_run()
    Run.objects.claim(run.id, "one")
    assert not Run.objects.withdraw(run.id)


def test_a_run_is_closed_once():
    run = make_run()
    Run.objects.claim(run.id, "one")
    assert Run.objects.close(run.id, 1, State.SUCCEEDED, text="first")
    assert not Run.objects.close(run.id, 1, State.FAILED, text="second")
    run.refresh_from_db()
    assert (run.state, run.text) == (State.SUCCEEDED, "first")


def test_a_worker_that_lost_its_lease_can_neither_renew_nor_close():
    run = make_run()
    Run.objects.claim(run.id, "one")
    lose_lease(run)
    assert Run.objects.requeue(run.id, 1)
    assert not Run.objects.heartbeat(run.id, 1)
    second = Run.objects.claim(run.id, "two")
    assert second is not None
    assert second.attempt == 2
    assert not Run.objects.close(run.id, 1, State.SUCCEEDED, text="from the first attempt")
    assert Run.objects.close(run.id, 2, State.SUCCEEDED, text="from the second attempt")


def test_a_run_whose_worker_still_renews_is_not_taken_away():
    run = make_run()
    Run.objects.claim(run.id, "one")
    assert not Run.objects.requeue(run.id, 1)
    assert not Run.objects.give_up(run.id, 1)


def test_a_run_that_lost_two_workers_fails_with_a_reason():
    run = make_run(attempt=MAX_ATTEMPTS - 1)
    Run.objects.claim(run.id, "one")
    lose_lease(run)
    assert not Run.objects.requeue(run.id, MAX_ATTEMPTS)
    assert Run.objects.give_up(run.id, MAX_ATTEMPTS)
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "worker_lost")
    assert run.error_message.endswith(".")


def test_two_reapers_enqueue_a_run_once():
    run = make_run()
    assert Run.objects.mark_enqueued(run.id, None)
    assert not Run.objects.mark_enqueued(run.id, None)


def test_positions_count_only_those_ahead_in_the_same_queue():
    first, second = make_run(), make_run()
    make_run(model="other")
    assert (first.position(), second.position()) == (1, 2)
    Run.objects.claim(first.id, "one")
    first.refresh_from_db()
    assert (first.position(), second.position()) == (0, 1)


def test_ids_are_128_random_bits():
    ids = {make_run().id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(run_id) == 32 and int(run_id, 16) >= 0 for run_id in ids)
