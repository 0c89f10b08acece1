"""The prompt library as a whole, and one page per prompt."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from guide import structured_data
from guide.library.related import related
from guide.models import Prompt
from guide.public_page import public_page
from guide.views.listing import browse, listing_context

# Where a filled prompt can be opened; "" where no address for that is documented.
OPEN_IN = [
    ("ChatGPT", "https://chatgpt.com/?q="),
    ("Claude", "https://claude.ai/new?q="),
    ("Perplexity", "https://www.perplexity.ai/search?q="),
    ("Mistral", "https://chat.mistral.ai/chat?q="),
    ("Copilot", "https://copilot.microsoft.com/?q="),
    ("Gemini", ""),
]


@public_page
def prompts(request: HttpRequest) -> HttpResponse:
    return render(request, "guide/prompts.html", listing_context(browse(request)))


@public_page
def prompt(request: HttpRequest, slug: str) -> HttpResponse:
    row = get_object_or_404(Prompt.objects.published().with_parts(), slug=slug)
    return render(request, "guide/prompt.html", page_context(row))


def page_context(row: Prompt, *, is_preview: bool = False) -> dict[str, Any]:
    """What the page of a prompt shows, the published one and the preview alike."""
    return {
        "prompt": row,
        **related(row),
        "versions": list(row.versions.all()),
        "open_in": OPEN_IN,
        "structured_data": structured_data.prompt(row),
        "is_preview": is_preview,
    }
