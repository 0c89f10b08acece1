"""The map of the glossary: every term on one ring, with a line for each link between two."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guide.maps.ring import draw_ring
from guide.public_page import public_page
from guide.shelf import shelf_of


@public_page
def glossary_map(request: HttpRequest) -> HttpResponse:
    shelf = shelf_of(request)
    groups = [(path.pk, path.slug, path.name) for path in shelf.paths]
    links = {(slug, other) for slug, others in shelf.named_by.items() for other in others}
    ring = draw_ring(groups, shelf.entries, links)
    return render(request, "guide/map.html", {"ring": ring})
