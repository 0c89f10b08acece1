"""Overload is a normal answer: a status, a sentence and when to come back."""

import pytest
from django.db import transaction

from inference import limits
from inference.models import State
from tests.inference.runs import make_run

pytestmark = pytest.mark.django_db


def refused(browser: str = "other", address: str = "other") -> limits.LimitReached:
    with pytest.raises(limits.LimitReached) as caught, transaction.atomic():
        limits.check(browser, address)
    return caught.value


def test_a_browser_has_two_runs_under_way_at_most(settings):
    settings.MAX_RUNS_PER_BROWSER = 2
    make_run(browser="me")
    limits.check("me", "other")
    make_run(browser="me", state=State.RUNNING)
    error = refused(browser="me")
    assert (error.status, error.code) == (429, "busy_browser")
    assert error.retry_after > 0


def test_ended_runs_do_not_count_against_the_browser(settings):
    settings.MAX_RUNS_PER_BROWSER = 1
    make_run(browser="me", state=State.SUCCEEDED)
    limits.check("me", "other")


def test_an_address_is_told_when_its_minute_is_over(settings):
    settings.MAX_RUNS_PER_MINUTE = 3
    for _ in range(3):
        make_run(address="here", state=State.SUCCEEDED)
    error = refused(address="here")
    assert (error.status, error.code) == (429, "busy_address")
    assert 1 <= error.retry_after <= 60
    assert str(error.retry_after) in error.message


def test_a_full_queue_is_503_for_everybody(settings):
    settings.MAX_WAITING_RUNS = 2
    make_run()
    make_run()
    error = refused()
    assert (error.status, error.code) == (503, "queue_full")
