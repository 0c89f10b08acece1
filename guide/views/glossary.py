"""The glossary as a whole: every term from A to Z and by group, one page per group, any term."""

import secrets

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from guide import autolinks, structured_data
from guide.glossary_index import Narrowing, by_group, by_letter
from guide.models import Group
from guide.public_page import public_page
from guide.shelf import shelf_of


@public_page
def glossary(request: HttpRequest) -> HttpResponse:
    """Every term, once by group and once by letter, and the comparisons.

    What does not fit the form is there but hidden, so that the browser can narrow in its turn.
    """
    shelf = shelf_of(request)
    narrowing = Narrowing.read(request.GET, shelf)
    rows = list(shelf.cards.values())
    kept = {row.slug for row in rows if narrowing.keeps(row, row.group.slug)}
    kept_pairs = {pair.slug for pair in shelf.pairs if narrowing.keeps_pair(pair)}
    context = {
        "narrowing": narrowing,
        "levels": narrowing.levels(shelf),
        "group_choices": narrowing.groups(shelf),
        "groups": by_group(rows, shelf.paths, kept),
        "letters": by_letter(rows, kept),
        "pairs": shelf.pairs,
        "kept": kept | kept_pairs,
        "total": len(kept),
        "pair_total": len(kept_pairs),
        "structured_data": structured_data.glossary(rows),
    }
    return render(request, "guide/glossary.html", context)


@public_page
def group(request: HttpRequest, slug: str) -> HttpResponse:
    """A group's introduction and its terms as a newcomer should read them."""
    shelf = shelf_of(request)
    place = next((n for n, path in enumerate(shelf.paths) if path.slug == slug), None)
    if place is None:
        raise Http404(f"No group is called {slug}.")
    path, row = shelf.paths[place], get_object_or_404(Group, slug=slug)
    terms = [shelf.cards[slug] for slug in path.order]
    context = {
        "group": row,
        "introduction": autolinks.page_of(request, [], path.order).link(row.introduction_html),
        "terms": terms,
        "pairs": [pair for pair in shelf.pairs if set(pair.sides) & set(path.order)],
        "previous": shelf.paths[place - 1] if place else None,
        "next": shelf.paths[place + 1] if place + 1 < len(shelf.paths) else None,
        "number": place + 1,
        "group_count": len(shelf.paths),
        "structured_data": structured_data.group(row, terms),
    }
    return render(request, "guide/group.html", context)


@require_safe
@never_cache
def random_term(request: HttpRequest) -> HttpResponse:
    entries = shelf_of(request).entries
    return HttpResponseRedirect(secrets.choice(entries).url if entries else reverse("glossary"))
