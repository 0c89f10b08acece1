"""The map of the glossary: every term on one ring, with a line for each link between two."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from guide.maps.ring import draw_ring
from guide.models import Definition, Group
from guide.public_page import public_page
from guide.shelf import shelf_of


@public_page
def glossary_map(request: HttpRequest) -> HttpResponse:
    groups = list(Group.objects.values_list("pk", "slug", "name"))
    ring = draw_ring(groups, shelf_of(request).entries, Definition.objects.published().links())
    return render(request, "guide/map.html", {"ring": ring})
