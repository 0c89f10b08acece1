"""Readers report problems without an account: few from one network, each one only once."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from guide.models import Prompt, Report
from operations.network import keyed_hash, network_of

MOST_AN_HOUR = 5
MOST_OPEN = 2000


@dataclass
class TooMany(Exception):
    """Another report cannot be taken now; the message says when."""

    message: str
    retry_after: int


def report(request: HttpRequest, prompt: Prompt, reason: str, text: str) -> Report:
    """Keep the report; the same one again is the one that is kept already."""
    sender = keyed_hash("report", network_of(request))
    hour_ago = timezone.now() - timedelta(hours=1)
    same = Q(prompt=prompt, reason=reason, text=text, sender=sender, is_settled=False)
    if known := Report.objects.filter(same).first():
        return known
    if Report.objects.filter(sender=sender, created_at__gt=hour_ago).count() >= MOST_AN_HOUR:
        sentence = f"That was {MOST_AN_HOUR} reports within an hour. Come back in an hour."
        raise TooMany(sentence, 3600)
    if Report.objects.filter(is_settled=False).count() >= MOST_OPEN:
        raise TooMany("Too many reports wait to be read. Come back tomorrow.", 86_400)
    return Report.objects.create(prompt=prompt, reason=reason, text=text, sender=sender)
