"""Who is asking, without an account: a random browser cookie, and a keyed hash of the address."""

import hashlib
import hmac
import ipaddress
import secrets
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT: Final = "browser"
MAX_AGE_S: Final = 365 * 86400


def _keyed_hash(kind: str, value: str) -> str:
    """So that a leaked table names no browser and no address."""
    key = f"{kind}:{settings.SECRET_KEY}".encode()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def _cookie(request: HttpRequest) -> str | None:
    signed = request.COOKIES.get(settings.BROWSER_COOKIE_NAME, "")
    try:
        return signing.Signer(salt=SALT).unsign(signed)
    except signing.BadSignature:
        return None


def browser_of(request: HttpRequest) -> str:
    """The hash of this browser's cookie, or "" for a browser that has none yet."""
    token = _cookie(request)
    return _keyed_hash("browser", token) if token else ""


def ensure_browser(request: HttpRequest) -> tuple[str, str | None]:
    """The browser's hash, and the cookie value to set if it had none."""
    if known := browser_of(request):
        return known, None
    token = secrets.token_urlsafe(16)
    return _keyed_hash("browser", token), signing.Signer(salt=SALT).sign(token)


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
    """The hash of the caller's network: the IPv4 address, or the /64 of an IPv6 one."""
    remote = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(remote)
    except ValueError:
        return _keyed_hash("address", "unknown")
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        network = str(mapped or ipaddress.ip_network(f"{address}/64", strict=False))
    else:
        network = str(address)
    return _keyed_hash("address", network)
