"""A public page is the same for everyone: cacheable, compressed, and kept while nothing changes.

It reads no cookie and sets none. Until the content changes, a finished page comes from memory.
"""

import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from threading import Lock
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from guide.library.popularity import current_minute
from guide.shelf import stamp_of

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Key = tuple[str, ...]

MAX_AGE = 60
SMALLEST_COMPRESSED = 500
LONGEST_QUERY = 300
MEMORY = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Page:
    body: bytes
    compressed: bytes
    content_type: str
    etag: str
    max_age: int

    @property
    def size(self) -> int:
        return len(self.body) + len(self.compressed)

    def answer(self, request: HttpRequest) -> HttpResponse:
        is_compressed = bool(self.compressed) and _accepts_gzip(request)
        body = self.compressed if is_compressed else self.body
        response = HttpResponse(body, content_type=self.content_type)
        if is_compressed:
            response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(body))
        response.headers["Cache-Control"] = f"public, max-age={self.max_age}"
        response.headers["ETag"] = self.etag
        response.headers["Vary"] = "Accept-Encoding"
        conditional = get_conditional_response(request, etag=self.etag, response=response)
        assert isinstance(conditional, HttpResponse)
        return conditional


class Memory:
    """Finished pages, the least recently asked for forgotten first."""

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes, self.size = most_bytes, 0
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Key) -> Page | None:
        with self.lock:
            page = self.pages.get(key)
            if page:
                self.pages.move_to_end(key)
            return page

    def put(self, key: Key, page: Page) -> None:
        with self.lock:
            if key not in self.pages:
                self.pages[key] = page
                self.size += page.size
            while self.size > self.most_bytes:
                self.size -= self.pages.popitem(last=False)[1].size

    def clear(self) -> None:
        with self.lock:
            self.pages.clear()
            self.size = 0


memory = Memory(MEMORY)


def public_page(view: View[P], max_age: int = MAX_AGE) -> View[P]:
    """Answer GET and HEAD only, with an ETag, compressed where the reader can take it."""

    @require_safe
    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = _key(request)
        page = memory.get(key) if key else None
        if page is None:
            response = view(request, *args, **kwargs)
            if response.status_code != 200:
                _mark_public(response)
                return response
            page = _page(response, max_age)
            if key:
                memory.put(key, page)
        return page.answer(request)

    return cast(View[P], answer)


def _key(request: HttpRequest) -> Key | None:
    """Under what a page is kept; None for an address that nobody will ask for again."""
    query = request.META.get("QUERY_STRING", "")
    if settings.DEBUG or len(query) > LONGEST_QUERY:
        return None
    # The day is part of it because the home page shows a definition of the day, and the minute
    # where prompts stand in the order of their runs, which change no content.
    day, is_counted = str(timezone.localdate()), "most-run" in f"{request.path}?{query}"
    minute = str(current_minute()) if is_counted else ""
    return stamp_of(request), settings.SITE_URL, day, minute, request.path, query


def _page(response: HttpResponse, max_age: int) -> Page:
    body, content_type = response.content, response.headers["Content-Type"]
    is_text = not content_type.startswith("image/") and len(body) >= SMALLEST_COMPRESSED
    compressed = _gzip(body) if is_text else b""
    etag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    return Page(body, compressed, content_type, etag, max_age)


def _mark_public(response: HttpResponse) -> None:
    """A redirect may be kept like a page; an error may not."""
    is_redirect = response.status_code in (301, 302)
    response.headers["Cache-Control"] = f"public, max-age={MAX_AGE}" if is_redirect else "no-store"


def _gzip(body: bytes) -> bytes:
    # Level 4 takes a third of the time of level 6 for pages that are a few per cent larger.
    compressor = zlib.compressobj(4, zlib.DEFLATED, 31)
    return compressor.compress(body) + compressor.flush()


def _accepts_gzip(request: HttpRequest) -> bool:
    accepted = request.headers.get("Accept-Encoding", "").replace(" ", "").split(",")
    return any(
        offer == "gzip" or (offer.startswith("gzip;q=") and offer[7:] not in ("0", "0.0"))
        for offer in accepted
    )
