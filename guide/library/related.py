"""The prompts that a prompt page leads to: the same job in another way, and what may come next."""

from guide.models import Prompt, RelatedPrompt
from guide.models.related import Kinship

SHELF_MATES = 6


def related(row: Prompt) -> dict[str, list[Prompt]]:
    """Both lists; a prompt that no load has compared yet gets its neighbours on the shelf."""
    links = list(RelatedPrompt.objects.filter(prompt=row).order_by("kinship", "number"))
    published = Prompt.objects.published().cards()
    others = published.in_bulk([link.other_id for link in links])
    found: dict[str, list[Prompt]] = {"same_job": [], "next_job": []}
    for link in links:
        if other := others.get(link.other_id):
            found["same_job" if link.kinship == Kinship.SAME else "next_job"].append(other)
    if not links:
        mates = published.filter(category=row.category_id).exclude(pk=row.pk)
        found["same_job"] = list(mates[:SHELF_MATES])
    return found
