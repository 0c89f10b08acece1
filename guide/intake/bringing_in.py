"""Bringing an upload in: all the rows that can be, in one step, or nothing at all."""

from collections.abc import Sequence

from django.db import transaction

from guide import search, signals
from guide.content.prompt_writing import PromptWriter
from guide.intake.proposals import CHANGED, NEW, REFUSED, Proposal
from guide.models import ContentStamp, Prompt, Status

# One transaction holds the database for as long as it writes: some seconds for so many.
MOST_AT_ONCE = 5000


class NotBroughtIn(Exception):
    """Nothing was written; the message says why."""


@transaction.atomic
def bring_in(proposals: Sequence[Proposal], *, without_refused: bool = False) -> tuple[int, int]:
    """(new, changed). New prompts are drafts; a changed one keeps its status."""
    refused = sum(proposal.kind == REFUSED for proposal in proposals)
    if refused and not without_refused:
        raise NotBroughtIn(f"{refused} rows have problems. Mend them, or leave them out.")
    chosen = [p for p in proposals if p.kind in (NEW, CHANGED) and p.record]
    if len(chosen) > MOST_AT_ONCE:
        raise NotBroughtIn(
            f"{len(chosen)} prompts at once are too many; {MOST_AT_ONCE} is the most."
        )
    slugs = [proposal.slug for proposal in chosen]
    with signals.paused():
        stored = Prompt.objects.with_shelf()
        rows = stored.by_slug(slugs)
        writer = PromptWriter(status=Status.DRAFT)
        for proposal in chosen:
            assert proposal.record is not None
            writer.write(proposal.record, rows.get(proposal.slug))
        writer.finish()
        for row in stored.by_slug(slugs).values():
            search.index_prompt(row)
    if chosen:
        ContentStamp.renew()
    new = sum(proposal.kind == NEW for proposal in chosen)
    return new, len(chosen) - new
