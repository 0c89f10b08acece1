"""Every refusal of the API has the one shape of our JSON errors: a code and a sentence."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError

from operations.errors import json_error


class Error(Schema):
    """What was wrong: `code` for programs, `message` for people, `field` if one is to blame."""

    code: str
    message: str
    field: str
    retry_after: int | None


class ErrorAnswer(Schema):
    error: Error


REFUSALS: dict[Any, Any] = dict.fromkeys((400, 404, 422), ErrorAnswer)


def answer_in_words(api: NinjaAPI) -> None:
    """Called once, for the API that all routes belong to."""
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(BadRequest, _bad)


def _invalid(request: HttpRequest, error: ValidationError | type[ValidationError]) -> HttpResponse:
    """The first thing that does not fit, without repeating what was sent."""
    assert isinstance(error, ValidationError)
    first = error.errors[0]
    place = [str(part) for part in first.get("loc", ())][1:]
    field = ".".join(part for part in place if part not in ("body", "query", "filters"))[:80]
    name = field.encode("utf-8", "replace").decode()
    sentence = f"{name or 'The request'}: {first.get('msg', 'does not fit')}."
    return json_error(422, "invalid", sentence, field=name)


def _refused(request: HttpRequest, error: HttpError | type[HttpError]) -> HttpResponse:
    assert isinstance(error, HttpError)
    return json_error(error.status_code, "bad_request", "The body is not the JSON it should be.")


def _missing(request: HttpRequest, error: Http404 | type[Http404]) -> HttpResponse:
    return json_error(404, "not_found", str(error) or "There is nothing at this address.")


def _bad(request: HttpRequest, error: BadRequest | type[BadRequest]) -> HttpResponse:
    return json_error(400, "bad_request", str(error))
