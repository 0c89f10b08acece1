"""Who is asking, without an account: a random browser cookie, and a keyed hash of the address."""

import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from operations.network import keyed_hash, network_of

SALT: Final = "browser"
MAX_AGE_S: Final = 365 * 86400


def _cookie(request: HttpRequest) -> str | None:
    signed = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    try:
        return signing.Signer(salt=SALT).unsign(signed)
    except signing.BadSignature:
        return None


def browser_of(request: HttpRequest) -> str:
    """The hash of this browser's cookie, or "" for a browser that has none yet."""
    token = _cookie(request)
    return keyed_hash("browser", token) if token else ""


def ensure_browser(request: HttpRequest) -> tuple[str, str | None]:
    """The browser's hash, and the cookie value to set if it had none."""
    if known := browser_of(request):
        return known, None
    token = secrets.token_urlsafe(16)
    return keyed_hash("browser", token), signing.Signer(salt=SALT).sign(token)


def remember(response: HttpResponse, cookie: str | None) -> None:
    """Sets the browser cookie when there is a new one."""
    if cookie is not None:
        response.set_cookie(
            settings.BROWSER_COOKIE_NAME,
            cookie,
            max_age=MAX_AGE_S,
            httponly=True,
            samesite="Lax",
            secure=settings.IS_HTTPS,
        )


def address_of(request: HttpRequest) -> str:
    """The hash of the caller's network."""
    return keyed_hash("address", network_of(request))
