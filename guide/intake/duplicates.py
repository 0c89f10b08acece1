"""Templates that nearly repeat another one, in an upload and in the library."""

from collections.abc import Sequence
from dataclasses import dataclass

from guide.content.rules.library import MOST_ALIKE_FIVE_GRAMS
from guide.content.similarity import five_grams, similar_pairs
from guide.intake.proposals import NEW, Proposal
from guide.models import Prompt, Status

MOST_COMPARED = 8000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two prompts and how much of their five-word runs they share."""

    one: Prompt
    other: Prompt
    likeness: float


def note_duplicates(proposals: Sequence[Proposal]) -> bool:
    """Note at each new row what its template nearly repeats; False where there are too many."""
    fresh = [(p, p.record) for p in proposals if p.kind == NEW and p.record]
    stored = list(Prompt.objects.order_by("pk").values_list("slug", "template"))
    if len(fresh) + len(stored) > MOST_COMPARED:
        return False
    sets = [five_grams(template) for _, template in stored]
    sets += [five_grams(record.template) for _, record in fresh]
    for earlier, later, likeness in similar_pairs(sets, MOST_ALIKE_FIVE_GRAMS):
        if later >= len(stored):
            is_stored = earlier < len(stored)
            other = stored[earlier][0] if is_stored else fresh[earlier - len(stored)][0].slug
            sentence = f"The template nearly repeats {other} ({likeness:.0%} of its words in row)."
            fresh[later - len(stored)][0].notes.append(sentence)
    return True


def near_duplicates(least: float, most: int) -> list[Pair]:
    """The pairs of the library that are alike, the likest first."""
    rows = list(Prompt.objects.exclude(status=Status.RETIRED).cards().order_by("pk"))
    templates = dict(Prompt.objects.values_list("pk", "template"))
    sets = [five_grams(templates[row.pk]) for row in rows]
    pairs = [Pair(rows[i], rows[j], value) for i, j, value in similar_pairs(sets, least)]
    return sorted(pairs, key=lambda pair: -pair.likeness)[:most]
