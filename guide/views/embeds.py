"""A prompt on somebody else's page: a small page that may be framed, and how others find it."""

from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.http import require_safe

from guide.context import absolute
from guide.models import Prompt
from guide.public_page import public_page

WIDTH, HEIGHT = 640, 420
LEAST = 200
# The page runs no script but the choice of light or dark, sends nothing and may stand anywhere.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors *"
)


@public_page
def _embed(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Prompt.objects.published().with_parts(), slug=slug)
    return render(request, "guide/embed.html", {"prompt": row, "url": _address(row)})


def embed(request: HttpRequest, slug: str) -> HttpResponse:
    """The prompt, its example answer, and the way to the page where it runs."""
    response = _embed(request, slug)
    if response.status_code in (200, 304):
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        response.xframe_options_exempt = True
    return response


@require_safe
def oembed(request: HttpRequest) -> HttpResponse:
    """oEmbed 1.0, JSON only: what a page needs to show a prompt whose address it was given."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("Only format=json is offered.", status=501, content_type="text/plain")
    row = get_object_or_404(Prompt.objects.published(), slug=_slug(request.GET.get("url", "")))
    size = _size(request, "maxwidth", WIDTH), _size(request, "maxheight", HEIGHT)
    response = JsonResponse(_frame(row, *size))
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _frame(row: Prompt, width: int, height: int) -> dict[str, str | int]:
    source = absolute(reverse("embed", args=[row.slug]))
    return {
        "version": "1.0",
        "type": "rich",
        "title": row.title,
        "provider_name": settings.SITE_NAME,
        "provider_url": absolute("/"),
        "cache_age": 3600,
        "html": f'<iframe src="{escape(source)}" width="{width}" height="{height}" '
        f'title="{escape(row.title)}" loading="lazy" style="border:0"></iframe>',
        "width": width,
        "height": height,
    }


def _address(row: Prompt) -> str:
    return absolute(row.get_absolute_url())


def _slug(url: str) -> str:
    """The slug in the address of one of our prompt pages; 404 for any other address."""
    try:
        parts = urlsplit(url)
        match = resolve(parts.path or "/")
    except (ValueError, Resolver404) as error:
        raise Http404("No prompt has this address.") from error
    is_ours = f"{parts.scheme}://{parts.netloc}" == settings.SITE_URL
    if not is_ours or match.url_name not in ("prompt", "embed"):
        raise Http404("No prompt has this address.")
    return str(match.kwargs["slug"])


def _size(request: HttpRequest, name: str, most: int) -> int:
    """The size that fits into what the asking page has room for."""
    given = request.GET.get(name, "")
    is_number = given.isascii() and given.isdigit() and len(given) < 6
    return max(LEAST, min(int(given), most)) if is_number else most
