"""Error answers in words: a page for a reader, JSON for a program, never a stack trace."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader


def wants_json(request: HttpRequest) -> bool:
    """Whether the caller asked for JSON rather than a page."""
    is_program = request.path.startswith("/api/v1/")
    return is_program or request.headers.get("Accept", "").startswith("application/json")


def json_error(
    status: int, code: str, message: str, *, field: str = "", retry_after: int | None = None
) -> JsonResponse:
    """The one shape of every JSON error: a code for programs and a sentence for people."""
    body = {"code": code, "message": message, "field": field, "retry_after": retry_after}
    response = JsonResponse({"error": body}, status=status)
    response.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    message = "This page was open for too long or came from elsewhere. Reload it and try again."
    if wants_json(request):
        return json_error(403, "csrf", message)
    return render(request, "403_csrf.html", {"message": message}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return json_error(400, "bad_request", "The request could not be understood.")
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return json_error(403, "forbidden", "This is not yours to see or change.")
    return render(request, "400.html", {"is_forbidden": True}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if wants_json(request):
        return json_error(404, "not_found", "There is nothing at this address.")
    from guide.views.errors import suggestions_for  # late: views need the app registry

    context: dict[str, Any] = {"suggestions": suggestions_for(request.path)}
    return render(request, "404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return json_error(
            500, "server_error", "Something broke on our side. Try again in a minute."
        )
    # Without context processors: whatever broke may be among them.
    return HttpResponse(loader.render_to_string("500.html"), status=500)
