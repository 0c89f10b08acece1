"""Facets as sets of prompts: each value of each facet is one integer with a bit per prompt.

Counting what a choice would leave is then an AND and a bit count, whatever the combination: a few
hundred counts take less than a millisecond for thousands of prompts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from guide.models import Category, Prompt
from guide.models.base import Level
from guide.models.prompt import Risk, Tier
from guide.remembered import Remembered

FACETS = {
    "category": "Category",
    "subcategory": "Shelf",
    "tier": "Model size",
    "technique": "Technique",
    "audience": "For whom",
    "language": "Language",
    "form": "Form of the answer",
    "risk": "Risk",
    "difficulty": "Difficulty",
    "tag": "Tag",
}
LANGUAGES = {"en": "English"}
FORMS = {"json": "JSON", "list": "A list", "lines": "Lines", "short": "A few words", "text": "Text"}
SHORT = 60
Selection = Mapping[str, list[str]]


@dataclass(slots=True)
class FacetIndex:
    """Bit n of a mask stands for the prompt order[n]; order is the order of the shelves."""

    order: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    dates: list[float] = field(default_factory=list)
    masks: dict[str, dict[str, int]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def everything(self) -> int:
        return (1 << len(self.order)) - 1

    def chosen(self, selection: Selection, but: str = "") -> int:
        """The prompts that every facet of the selection allows, except the facet `but`."""
        mask = self.everything
        for key, values in selection.items():
            if values and key != but:
                mask &= reduce(or_, (self.masks[key].get(value, 0) for value in values))
        return mask

    def of_slugs(self, slugs: Iterable[str]) -> int:
        wanted = set(slugs)
        return sum(1 << number for number, slug in enumerate(self.order) if slug in wanted)

    def slugs(self, mask: int) -> list[str]:
        """The slugs of a mask, in the order of the shelves."""
        return [self.order[number] for number in self.numbers(mask)]

    @staticmethod
    def numbers(mask: int) -> list[int]:
        bits = bin(mask)[:1:-1]
        return [number for number, bit in enumerate(bits) if bit == "1"]


known: Remembered[FacetIndex] = Remembered()


def facet_index(stamp: str) -> FacetIndex:
    """The index for this state of the content, read once."""
    return known.at(stamp, _read)


def _read() -> FacetIndex:
    names = ("pk", "slug", "title", "published_at", "category__slug", "category__parent__slug")
    kinds = ("tier", "audience", "language", "risk", "difficulty")
    published = Prompt.objects.published().order_by("category__order")
    # Not the database's order of titles: that depends on its collation.
    rows = sorted(
        published.values(*names, *kinds, "category__order", "answer_check"),
        key=lambda row: (row["category__order"], row["title"].casefold(), row["pk"]),
    )
    index = FacetIndex(masks={key: defaultdict(int) for key in FACETS}, labels=_labels())
    place: dict[int, int] = {}
    for number, row in enumerate(rows):
        bit = place[row["pk"]] = 1 << number
        index.order.append(row["slug"])
        index.titles.append(row["title"].casefold())
        index.dates.append(row["published_at"].timestamp() if row["published_at"] else 0.0)
        values = {key: row[key] for key in kinds}
        values |= {"subcategory": row["category__slug"], "category": row["category__parent__slug"]}
        values["form"] = form_of(row["answer_check"])
        for key, value in values.items():
            index.masks[key][value] |= bit
    _add_links(index, place)
    return index


def form_of(check: Mapping[str, Any]) -> str:
    """What an answer looks like, as far as its check says; text where it says nothing."""
    if check.get("json_keys"):
        return "json"
    if check.get("list_items"):
        return "list"
    if check.get("lines"):
        return "lines"
    return "short" if check.get("max_words", SHORT) < SHORT else "text"


def _add_links(index: FacetIndex, place: dict[int, int]) -> None:
    """Tags and techniques, of which a prompt may have several."""
    published = Prompt.objects.published().order_by()
    for key, relation, name in (("tag", "tags", "name"), ("technique", "techniques", "term")):
        rows = published.filter(**{f"{relation}__isnull": False})
        for pk, value, label in rows.values_list("pk", f"{relation}__slug", f"{relation}__{name}"):
            index.masks[key][value] |= place.get(pk, 0)
            index.labels[key][value] = label


def _labels() -> dict[str, dict[str, str]]:
    labels: dict[str, dict[str, str]] = {key: {} for key in FACETS}
    for slug, name, parent in Category.objects.values_list("slug", "name", "parent__slug"):
        labels["subcategory" if parent else "category"][slug] = name
    for key, choices in (("tier", Tier), ("risk", Risk), ("difficulty", Level)):
        labels[key] = {str(value): str(label) for value, label in choices.choices}
    labels["language"], labels["form"] = dict(LANGUAGES), dict(FORMS)
    return labels
