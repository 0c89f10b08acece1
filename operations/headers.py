"""The security headers of every answer: a strict policy that only the admin may loosen a little."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

BASE_POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
# Django's own admin scripts are not written for Trusted Types; every page of ours is.
TRUSTED_TYPES: Final = {"require-trusted-types-for": "'script'", "trusted-types": "answer"}


def policy(directives: dict[str, str]) -> str:
    """One Content-Security-Policy header value."""
    return "; ".join(f"{name} {value}" for name, value in directives.items())


ADMIN_CSP: Final = policy(BASE_POLICY)
PUBLIC_CSP: Final = policy(BASE_POLICY | TRUSTED_TYPES)


class SecurityHeadersMiddleware:
    """Adds what Django's SecurityMiddleware does not; a view that set a header keeps its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_admin = request.path.startswith("/admin/")
        headers = {
            "Content-Security-Policy": ADMIN_CSP if is_admin else PUBLIC_CSP,
            "Cross-Origin-Resource-Policy": "same-origin",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
        }
        if not getattr(response, "xframe_options_exempt", False):
            headers["X-Frame-Options"] = "DENY"
        if request.path.startswith("/runs/"):
            headers["Referrer-Policy"] = "same-origin"
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response
