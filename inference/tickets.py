"""The signed ticket that lets a browser read a run's event stream without a database query."""

from typing import Final

from django.core import signing
from django.urls import reverse

SALT: Final = "run-events"
MAX_AGE_S: Final = 86400


def events_url(run_id: str) -> str:
    """The address of the stream, for somebody who was found to be allowed to see the run."""
    ticket = signing.TimestampSigner(salt=SALT).sign(run_id).partition(":")[2]
    return f"{reverse('run', args=[run_id])}events?ticket={ticket}"


def is_valid(run_id: str, ticket: str) -> bool:
    try:
        signing.TimestampSigner(salt=SALT).unsign(f"{run_id}:{ticket}", max_age=MAX_AGE_S)
    except signing.BadSignature:
        return False
    return True
