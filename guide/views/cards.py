"""One picture per page for those who share its address."""

from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

from guide.card import draw
from guide.models import Contrast, Definition, Prompt
from guide.public_page import public_page
from guide.views.feeds import SUMMARY

A_DAY = 86_400
SITE = "site"


def _og_image(request: HttpRequest, slug: str) -> HttpResponse:
    """The card of the page of this name; "site" is the card of everything else."""
    title, text, label = _words(slug)
    png = draw(title, text, label, settings.SITE_NAME)
    return HttpResponse(png, content_type="image/png")


og_image = partial(public_page, max_age=A_DAY)(_og_image)


def _words(slug: str) -> tuple[str, str, str]:
    if slug == SITE:
        return settings.SITE_NAME, SUMMARY, "Glossary and prompts"
    definition = Definition.objects.published().filter(slug=slug).first()
    if definition:
        return definition.term, definition.short, "Definition"
    contrast = Contrast.objects.published().filter(slug=slug).first()
    if contrast:
        return contrast.title, contrast.short, "Comparison"
    prompt = Prompt.objects.published().filter(slug=slug).first()
    if prompt:
        return prompt.title, prompt.description, "Prompt"
    raise Http404("There is no page of this name.")
