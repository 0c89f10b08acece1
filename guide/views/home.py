"""The front page, and what this site is about."""

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from guide import structured_data
from guide.models import Category, Definition, Group, Prompt, Status
from guide.public_page import public_page
from guide.shelf import shelf_of

NEWEST = 6


@public_page
def home(request: HttpRequest) -> HttpResponse:
    day = definition_of_the_day(request)
    examples = day.examples.all() if day else []
    is_published = Q(definitions__status=Status.PUBLISHED)
    groups = Group.objects.annotate(size=Count("definitions", filter=is_published))
    context = {
        "day": day,
        "day_example": next((example for example in examples if example.is_runnable), None),
        "groups": [(group, group.size) for group in groups if group.size],
        "categories": categories(),
        "newest": list(
            Prompt.objects.published().with_shelf().order_by("-published_at", "-pk")[:NEWEST]
        ),
        "structured_data": structured_data.site(),
    }
    return render(request, "guide/home.html", context)


@public_page
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "guide/about.html")


def definition_of_the_day(request: HttpRequest) -> Definition | None:
    """Another term each day, every term once before one comes again."""
    entries = shelf_of(request).entries
    if not entries:
        return None
    today = timezone.localdate().toordinal()
    # A step that shares no factor with the count visits all of them, and not in ABC order.
    step = next(n for n in (7919, 7907, 1) if n % len(entries) or len(entries) == 1)
    entry = entries[today * step % len(entries)]
    return (
        Definition.objects.select_related("group")
        .prefetch_related("examples__variables")
        .filter(pk=entry.pk)
        .first()
    )


def categories() -> list[tuple[Category, int]]:
    """The top categories that have something, with how many prompts their shelves hold."""
    is_published = Q(subcategories__prompts__status=Status.PUBLISHED)
    tops = Category.objects.filter(parent=None)
    counted = tops.annotate(size=Count("subcategories__prompts", filter=is_published))
    return [(category, category.size) for category in counted if category.size]
