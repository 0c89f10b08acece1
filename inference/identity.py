"""Who is asking, without an account: a random browser cookie, and a keyed hash of the address."""

import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from operations.network import keyed_hash, network_of

SALT: Final = "browser"
MAX_AGE_S: Final = 365 * 86400


def _hash_of(signed: str) -> str:
    """The hash for a token that we signed, or "" for any other text."""
    try:
        return keyed_hash("browser", signing.Signer(salt=SALT).unsign(signed))
    except signing.BadSignature:
        return ""


def _new() -> tuple[str, str]:
    token = secrets.token_urlsafe(16)
    return keyed_hash("browser", token), signing.Signer(salt=SALT).sign(token)


def browser_of(request: HttpRequest) -> str:
    """The hash of this browser's cookie, or "" for a browser that has none yet."""
    return _hash_of(request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""))


def ensure_browser(request: HttpRequest) -> tuple[str, str | None]:
    """The browser's hash, and the cookie value to set if it had none."""
    known = browser_of(request)
    return (known, None) if known else _new()


def bearer_of(request: HttpRequest) -> str:
    """The hash of the token that a program sent, or ""; programs are told apart by no cookie."""
    scheme, _, signed = request.headers.get("Authorization", "").partition(" ")
    return _hash_of(signed.strip()) if scheme.lower() == "bearer" else ""


def ensure_bearer(request: HttpRequest) -> tuple[str, str | None]:
    """The program's hash, and the token to give it if it sent none."""
    known = bearer_of(request)
    return (known, None) if known else _new()


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
