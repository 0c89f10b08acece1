"""Every named refusal of the services as its status and sentence, for pages and programs alike."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse

from inference import services
from inference.forms import Refused
from inference.limits import LimitReached

View = TypeVar("View", bound=Callable[..., Any])
STORAGE = "The run could not be stored just now; nothing was sent. Try again in a minute."


class Told(Protocol):
    """How one kind of caller is told; `retry` is in seconds."""

    def __call__(
        self,
        request: HttpRequest,
        status: int,
        code: str,
        message: str,
        field: str = "",
        retry: int | None = None,
    ) -> HttpResponse: ...


def in_words(told: Told) -> Callable[[View], View]:
    """For views: what the services refuse becomes the answer that `told` gives."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                return view(request, *args, **kwargs)
            except Refused as error:
                return told(request, error.status, error.code, error.message, error.field)
            except LimitReached as error:
                return told(
                    request, error.status, error.code, error.message, retry=error.retry_after
                )
            except services.NoWorker as error:
                return told(request, 503, "no_worker", error.message, retry=error.retry_after)
            except OperationalError:
                return told(request, 503, "storage", STORAGE, retry=10)

        return cast(View, answer)

    return decorate
