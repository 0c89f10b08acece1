"""Live runs for programs: ask, read, follow, stop. A token instead of a cookie says whose it is."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Path, Router, Status

from guide.context import absolute
from inference import identity, presentation, refusals, services
from inference.api_schemas import RunCreated, RunIn, RunOut, RunState
from inference.forms import Refused, read_question
from inference.models import Run
from inference.tickets import events_url
from operations.api_errors import REFUSALS, ErrorAnswer
from operations.errors import json_error

router = Router(tags=["runs"])
RunId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
BUSY: dict[Any, Any] = dict.fromkeys((429, 503), ErrorAnswer)


def _told(
    request: HttpRequest,
    status: int,
    code: str,
    message: str,
    field: str = "",
    retry: int | None = None,
) -> HttpResponse:
    return json_error(status, code, message, field=field, retry_after=retry)


in_words = refusals.in_words(_told)


@router.post("", response={201: RunCreated, 200: RunCreated, 415: ErrorAnswer, **REFUSALS, **BUSY})
@in_words
def create(request: HttpRequest, body: RunIn) -> Any:
    """Ask a prompt, an example or a text; 200 if the same `key` was sent before.

    Without an Authorization header the answer carries a `token`: send it as
    `Authorization: Bearer <token>` to read, follow and stop what you asked.
    """
    # A page of another site can send text without asking, but not JSON.
    if request.content_type != "application/json":
        raise Refused("bad_encoding", "Send JSON (application/json).", "", 415)
    question = read_question(body.as_fields())
    owner, token = identity.ensure_bearer(request)
    run, is_new = services.submit_run(question, owner, identity.address_of(request))
    status = 201 if is_new else 200
    values = presentation.created(run) | {"token": token, "links": _links(run)}
    return Status(status, values)


@router.get("/{run_id}", response={200: RunOut, **REFUSALS})
def read(request: HttpRequest, run_id: RunId) -> Any:
    """The run as it is stored: your own, or one that its owner shares."""
    run, is_owner = _visible(request, run_id)
    return presentation.as_json(run, is_owner) | {"links": _links(run)}


@router.get("/{run_id}/events", response={307: None, **REFUSALS})
def events(request: HttpRequest, run_id: RunId) -> Any:
    """Leads to the event stream (text/event-stream) of a run, which needs no token."""
    run, _ = _visible(request, run_id)
    response = HttpResponse(status=307)
    response.headers["Location"] = events_url(run.id)
    response.headers["Cache-Control"] = "no-store"
    return response


@router.post("/{run_id}/stop", response={202: RunState, **REFUSALS, **BUSY})
@in_words
def stop(request: HttpRequest, run_id: RunId) -> Any:
    """Ask for the end of your run; it has ended when reading it says so."""
    run, is_owner = _visible(request, run_id)
    if not is_owner:
        raise Http404("There is no such run of yours.")
    return Status(202, {"state": services.stop_run(run)})


def _links(run: Run) -> dict[str, str]:
    here = absolute(f"/api/v1/runs/{run.id}")
    return {"read": here, "events": absolute(events_url(run.id)), "stop": f"{here}/stop"}


def _visible(request: HttpRequest, run_id: str) -> tuple[Run, bool]:
    """The run and whether the caller owns it; 404 for a stranger, as if it did not exist."""
    run = Run.objects.select_related("replay_of").filter(id=run_id).first()
    owner = identity.bearer_of(request)
    is_owner = run is not None and bool(owner) and run.browser == owner
    if run is None or not (is_owner or run.is_shared):
        raise Http404("There is no such run.")
    return run, is_owner
