"""The same content for programs: Markdown, JSON and linked data."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from guide import documents, skos
from guide.models import Contrast, Definition, Prompt
from guide.public_page import public_page

MARKDOWN = "text/markdown; charset=utf-8"


@public_page
def definition_md(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(documents.definition_markdown(_definition(slug)), content_type=MARKDOWN)


@public_page
def definition_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(documents.definition_values(_definition(slug)))


@public_page
def definition_jsonld(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(skos.concept(_definition(slug)), "application/ld+json")


@public_page
def glossary_json(request: HttpRequest) -> HttpResponse:
    rows = Definition.objects.published().select_related("group").defer(*Definition.TEXTS)
    return _json({"definitions": [documents.definition_summary(row) for row in rows]})


@public_page
def contrast_md(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(documents.contrast_markdown(_contrast(slug)), content_type=MARKDOWN)


@public_page
def contrast_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(documents.contrast_values(_contrast(slug)))


@public_page
def prompt_md(request: HttpRequest, slug: str) -> HttpResponse:
    return HttpResponse(documents.prompt_markdown(_prompt(slug)), content_type=MARKDOWN)


@public_page
def prompt_json(request: HttpRequest, slug: str) -> HttpResponse:
    return _json(documents.prompt_values(_prompt(slug)))


def _definition(slug: str) -> Definition:
    return get_object_or_404(Definition.objects.published().with_parts(), slug=slug)


def _contrast(slug: str) -> Contrast:
    return get_object_or_404(Contrast.objects.published().with_parts(), slug=slug)


def _prompt(slug: str) -> Prompt:
    return get_object_or_404(Prompt.objects.published().with_parts(), slug=slug)


def _json(values: dict[str, Any], content_type: str = "application/json") -> HttpResponse:
    layout = {"ensure_ascii": False, "indent": 1}
    return JsonResponse(values, json_dumps_params=layout, content_type=content_type)
