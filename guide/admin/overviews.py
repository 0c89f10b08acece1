"""Two looks at the whole library: what nearly repeats itself, and how full each shelf is."""

from dataclasses import dataclass

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from guide.intake.duplicates import near_duplicates
from guide.models import Category, Prompt, Status

MOST_PAIRS = 200
OFF_TARGET = 0.2
LIKENESS = {"50": 0.5, "40": 0.4, "30": 0.3}


@dataclass(frozen=True, slots=True)
class Cover:
    """How many prompts a shelf has and should have."""

    shelf: Category
    published: int
    waiting: int
    target: int

    @property
    def percent(self) -> int:
        return round(100 * self.published / self.target) if self.target else 100

    @property
    def is_off(self) -> bool:
        return bool(self.target) and abs(self.published - self.target) > OFF_TARGET * self.target


def coverage(request: HttpRequest) -> HttpResponse:
    """Each shelf with its count against its target, those far off marked."""
    _may_see(request)
    published = Q(prompts__status=Status.PUBLISHED)
    waiting = Q(prompts__status__in=(Status.DRAFT, Status.REVIEW))
    shelves = Category.objects.filter(parent__isnull=False).select_related("parent")
    counted = shelves.annotate(
        published_count=Count("prompts", filter=published),
        waiting_count=Count("prompts", filter=waiting),
    ).order_by("parent__order", "order")
    covers = [Cover(row, row.published_count, row.waiting_count, row.target) for row in counted]
    totals = [sum(getattr(cover, name) for cover in covers) for name in ("published", "target")]
    context = {"covers": covers, "totals": totals, "off": sum(cover.is_off for cover in covers)}
    return _page(request, "coverage", "Coverage of the shelves", context)


def duplicates(request: HttpRequest) -> HttpResponse:
    """The pairs of templates that share the most five-word runs."""
    _may_see(request)
    chosen = request.GET.get("least", "50")
    pairs = near_duplicates(LIKENESS.get(chosen, 0.5), MOST_PAIRS)
    shown = [(pair, round(pair.likeness * 100)) for pair in pairs]
    context = {"pairs": shown, "chosen": chosen, "choices": list(LIKENESS), "most": MOST_PAIRS}
    return _page(request, "duplicates", "Near duplicates", context)


def _may_see(request: HttpRequest) -> None:
    if not request.user.has_perm("guide.view_prompt"):
        raise PermissionDenied


def _page(
    request: HttpRequest, name: str, title: str, context: dict[str, object]
) -> TemplateResponse:
    known = {**admin.site.each_context(request), "title": title, "opts": Prompt._meta}
    return TemplateResponse(request, f"guide/admin/{name}.html", known | context)
