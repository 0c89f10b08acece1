"""How often each prompt was run, read once a minute at most: a run renews no content stamp."""

import time
from dataclasses import dataclass, field

from guide.models import Prompt

FRESH_S = 60


@dataclass(slots=True)
class Known:
    """The counts as they were read last; only prompts that were run at all are in them."""

    counts: dict[str, int] = field(default_factory=dict)
    minute: int = -1


known = Known()


def current_minute() -> int:
    """Whatever is kept of the counts is kept under this number."""
    return int(time.time() // FRESH_S)


def run_counts() -> dict[str, int]:
    minute = current_minute()
    if known.minute != minute:
        rows = Prompt.objects.published().filter(run_count__gt=0).order_by()
        known.counts, known.minute = dict(rows.values_list("slug", "run_count")), minute
    return known.counts


def most_run(most: int) -> list[str]:
    """The slugs of the prompts that were run most, those that never were left out."""
    counts = run_counts()
    return sorted(counts, key=lambda slug: (-counts[slug], slug))[:most]
