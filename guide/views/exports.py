"""The same content for programs: Markdown, JSON and linked data."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from guide import documents, skos
from guide.models import Contrast, Definition, Group, Prompt
from guide.public_page import public_page
from guide.shelf import shelf_of

MARKDOWN = "text/markdown; charset=utf-8"


@public_page
def definition_md(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(documents.definition_markdown(_definition(slug)), content_type=MARKDOWN)


@public_page
def definition_json(request: HttpRequest, slug: str) -> HttpResponse:
    return as_json(documents.definition_values(_definition(slug)))


@public_page
def definition_jsonld(request: HttpRequest, slug: str) -> HttpResponse:
    return as_json(skos.concept(_definition(slug)), "application/ld+json")


@public_page
def glossary_json(request: HttpRequest) -> HttpResponse:
    rows = Definition.objects.published().select_related("group").defer(*Definition.TEXTS)
    pairs = Contrast.objects.published().select_related("left", "right")
    values = {
        "groups": [documents.group_values(path) for path in shelf_of(request).paths],
        "definitions": [documents.definition_summary(row) for row in rows],
        "contrasts": [documents.contrast_summary(row) for row in pairs],
    }
    return as_json(values)


@public_page
def glossary_jsonld(request: HttpRequest) -> HttpResponse:
    """The whole glossary as a SKOS concept scheme."""
    light = Definition.objects.published().defer(*Definition.TEXTS)
    above = Prefetch("broader", Definition.objects.defer(*Definition.TEXTS))
    scheme = skos.scheme(light.prefetch_related(above), Group.objects.all())
    return as_json(scheme, "application/ld+json")


@public_page
def llms_full(request: HttpRequest) -> HttpResponse:
    """Every definition and every contrast in full, as one text for language models."""
    pages = [
        documents.definition_markdown(row) for row in Definition.objects.published().with_parts()
    ]
    pages += [documents.contrast_markdown(row) for row in Contrast.objects.published().with_parts()]
    return HttpResponse("\n---\n\n".join(pages), content_type="text/plain; charset=utf-8")


@public_page
def contrast_md(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(documents.contrast_markdown(_contrast(slug)), content_type=MARKDOWN)


@public_page
def contrast_json(request: HttpRequest, slug: str) -> HttpResponse:
    return as_json(documents.contrast_values(_contrast(slug)))


@public_page
def prompt_md(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(documents.prompt_markdown(_prompt(slug)), content_type=MARKDOWN)


@public_page
def prompt_json(request: HttpRequest, slug: str) -> HttpResponse:
    return as_json(documents.prompt_values(_prompt(slug)))


def _definition(slug: str) -> Definition:
    return get_object_or_404(Definition.objects.published().with_parts(), slug=slug)


def _contrast(slug: str) -> Contrast:
    return get_object_or_404(Contrast.objects.published().with_parts(), slug=slug)


def _prompt(slug: str) -> Prompt:
    return get_object_or_404(Prompt.objects.published().with_parts(), slug=slug)


def as_json(values: dict[str, Any], content_type: str = "application/json") -> HttpResponse:
    layout = {"ensure_ascii": False, "indent": 1}
    return JsonResponse(values, json_dumps_params=layout, content_type=content_type)
