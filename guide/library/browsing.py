"""One look at the library: what was asked for, what is left, and where each next choice leads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import QueryDict
from django.urls import reverse

from guide.library.facets import FACETS, FacetIndex
from guide.library.popularity import run_counts
from guide.search import ranked_slugs

SORTS = {"relevance": "Best match", "newest": "Newest", "most-run": "Most run", "title": "Title"}
MOST_VALUES = 10
MOST_WORDS = 24
LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class FacetOption:
    value: str
    label: str
    count: int
    selected: bool
    url: str


@dataclass(frozen=True, slots=True)
class Facet:
    key: str
    label: str
    options: list[FacetOption]


@dataclass(slots=True)
class Browsing:
    """The parameters of the address, cleaned: unknown names are ignored, values kept as text."""

    index: FacetIndex
    selection: dict[str, list[str]] = field(default_factory=dict)
    q: str = ""
    sort: str = ""
    page: int = 1
    matching: list[str] | None = None
    # A page about one shelf, tag or technique stands at a path of its own, with that choice made.
    path: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls,
        parameters: QueryDict,
        index: FacetIndex,
        path: str = "",
        fixed: Mapping[str, str] | None = None,
    ) -> "Browsing":
        """A sort that is not offered is a bad request; a page that is no number is the first."""
        sort = parameters.get("sort", "")
        if sort and sort not in SORTS:
            raise BadRequest(f"The library cannot be sorted by {sort[:40]!r}.")
        selection = {key: _values(parameters.getlist(key)) for key in FACETS}
        selection |= {key: [value] for key, value in (fixed or {}).items()}
        q = parameters.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
        page = parameters.get("page", "")
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
        matching = ranked_slugs(q, "prompt", 5000) if q else None
        path = path or reverse("prompts")
        return cls(index, selection, q, sort, max(1, number), matching, path, fixed or {})

    def allowed(self, but: str = "") -> int:
        mask = self.index.chosen(self.selection, but)
        return mask if self.matching is None else mask & self.index.of_slugs(self.matching)

    def slugs(self) -> list[str]:
        """What is left, in the order that was asked for."""
        mask = self.allowed()
        slugs = self.index.slugs(mask)
        if self.sort == "most-run":
            counts = run_counts()
            return sorted(slugs, key=lambda slug: -counts.get(slug, 0))
        if self.sort in ("newest", "title"):
            column = self.index.dates if self.sort == "newest" else self.index.titles
            numbers = self.index.numbers(mask)
            numbers.sort(key=lambda number: column[number], reverse=self.sort == "newest")
            return [self.index.order[number] for number in numbers]
        if self.matching is not None:
            left = set(slugs)
            return [slug for slug in self.matching if slug in left]
        return slugs

    def url(self, **changes: object) -> str:
        """The address of this look with something changed; the page falls back to the first."""
        values: dict[str, object] = {"q": self.q, **self.chosen, "sort": self.sort, **changes}
        query = urlencode({key: value for key, value in values.items() if value}, doseq=True)
        return self.path + (f"?{query}" if query else "")

    @property
    def chosen(self) -> dict[str, list[str]]:
        """What the reader chose, without what the page is about."""
        return {key: values for key, values in self.selection.items() if key not in self.fixed}

    def kept(self) -> list[tuple[str, str]]:
        """The fields that a new search in this look takes along."""
        kept = [(key, value) for key, values in self.chosen.items() for value in values]
        return [*kept, ("sort", self.sort)] if self.sort else kept

    def exports(self) -> list[tuple[str, str]]:
        """The same choice as a file: what the page is about and what was chosen on it."""
        values = {"q": self.q, **self.selection, "sort": self.sort}
        query = urlencode({key: value for key, value in values.items() if value}, doseq=True)
        names = (("JSON", "prompts-json"), ("CSV", "prompts-csv"), ("Markdown", "prompts-md"))
        return [(label, reverse(name) + (f"?{query}" if query else "")) for label, name in names]

    def facets(self) -> list[Facet]:
        keys = [(key, label) for key, label in FACETS.items() if key not in self.fixed]
        facets = [self._facet(key, label) for key, label in keys]
        return [facet for facet in facets if len(facet.options) > 1 or self.selection[facet.key]]

    def _facet(self, key: str, label: str) -> Facet:
        """Each value with what it would leave, all other facets as they are chosen."""
        others, chosen = self.allowed(but=key), self.selection[key]
        options = []
        for value in self._offered(key):
            count = (self.index.masks[key].get(value, 0) & others).bit_count()
            if count or value in chosen:
                options.append(self._option(key, value, count))
        if key in ("tag", "technique"):
            options.sort(key=lambda option: (not option.selected, -option.count, option.label))
            options = options[:MOST_WORDS]
        return Facet(key, label, options)

    def _offered(self, key: str) -> Iterable[str]:
        """All values with a label, in its order, and those that only the address knows."""
        labels, masks = self.index.labels[key], self.index.masks[key]
        if key == "subcategory" and not (self.selection["category"] or self.selection[key]):
            return []  # 123 shelves at once help nobody: first the category
        known = [value for value in labels if value in masks]
        known += sorted(value for value in masks if value not in labels)
        return [*known, *(value for value in self.selection[key] if value not in known)]

    def _option(self, key: str, value: str, count: int) -> FacetOption:
        chosen = self.selection[key]
        is_selected = value in chosen
        after = [v for v in chosen if v != value] if is_selected else [*chosen, value]
        changes: dict[str, object] = {key: after}
        if key == "category":
            changes["subcategory"] = []
        return FacetOption(value, self.label(key, value), count, is_selected, self.url(**changes))

    def label(self, key: str, value: str) -> str:
        return self.index.labels[key].get(value) or value[:1].upper() + value[1:]

    def active(self) -> list[tuple[str, str]]:
        """Each choice in force, with the address without it."""
        active = [(f"“{self.q}”", self.url(q=""))] if self.q else []
        for key, values in self.chosen.items():
            for value in values:
                rest = [other for other in values if other != value]
                active.append((self.label(key, value), self.url(**{key: rest})))
        return active

    def sorts(self) -> list[tuple[str, str, str, bool]]:
        current = self.sort or "relevance"
        return [
            (key, label, self.url(sort=key if key != "relevance" else ""), key == current)
            for key, label in SORTS.items()
        ]

    def suggestions(self) -> list[tuple[str, str]]:
        """For an empty result: the single choices whose removal leaves something."""
        found = []
        for key, values in self.chosen.items():
            count = self.allowed(but=key).bit_count() if values else 0
            if count:
                names = ", ".join(self.label(key, value) for value in values)
                found.append((f"Without {names} ({count})", self.url(**{key: []})))
        count = self.index.chosen(self.selection).bit_count() if self.q else 0
        if count:
            found.append((f"Without “{self.q}” ({count})", self.url(q="")))
        return [*found, (f"All prompts ({len(self.index.order)})", reverse("prompts"))]


def _values(values: list[str]) -> list[str]:
    """The given values of a facet: each once, not too many, not too long."""
    cleaned = [value.replace("\0", "")[:80] for value in values if value.strip()]
    return list(dict.fromkeys(cleaned))[:MOST_VALUES]
