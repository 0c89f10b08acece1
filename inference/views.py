"""The pages and doors of live runs: ask, watch, stop, share, replay, take along."""

from typing import Any

import redis
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from guide.markdown import render_answer
from inference import identity, presentation, refusals, services
from inference.catalogue import catalogue
from inference.forms import Refused, decode, read_fork, read_question
from inference.models import Run
from inference.tickets import events_url
from operations.errors import json_error, wants_json

MOST_LISTED = 50


def _refusal(
    request: HttpRequest,
    status: int,
    code: str,
    message: str,
    field: str = "",
    retry: int | None = None,
) -> HttpResponse:
    if wants_json(request):
        return json_error(status, code, message, field=field, retry_after=retry)
    response = render(request, "400.html", {"message": message}, status=status)
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    return response


in_words = refusals.in_words(_refusal)


def _visible(request: HttpRequest, run_id: str) -> tuple[Run, bool]:
    """The run and whether the caller owns it; 404 for a stranger, as if it did not exist."""
    run = Run.objects.select_related("replay_of").filter(id=run_id).first()
    if run is None:
        raise Http404
    browser = identity.browser_of(request)
    is_owner = bool(browser) and run.browser == browser
    if not (is_owner or run.is_shared):
        raise Http404
    return run, is_owner


def _owned(request: HttpRequest, run_id: str) -> Run:
    run, is_owner = _visible(request, run_id)
    if not is_owner:
        raise Http404
    return run


@never_cache
@require_GET
def ready(request: HttpRequest) -> HttpResponse:
    """Whether a model answers, which ones, and the token that a POST needs."""
    _, cookie = identity.ensure_browser(request)
    try:
        models, message = _models(), ""
    except redis.RedisError:
        models, message = [], services.NoWorker.message
    is_ready = any(model["is_ready"] for model in models)
    body = {
        "csrf": get_token(request),
        "ready": is_ready,
        "message": "" if is_ready else message or services.NoWorker.message,
        "models": models,
        "queue": services.queue_state() | {"limit": settings.MAX_WAITING_RUNS},
    }
    response = JsonResponse(body)
    identity.remember(response, cookie)
    return response


def _models() -> list[dict[str, Any]]:
    default_id = catalogue().default_id
    return [
        {
            "id": entry.id,
            "name": entry.name,
            "about": entry.about,
            "parameters": worker.parameters if worker else None,
            "context": worker.context if worker else entry.context,
            "is_ready": worker is not None,
            "is_default": entry.id == default_id,
        }
        for entry, worker in services.served_models()
    ]


@never_cache
@require_POST
@in_words
def create_run(request: HttpRequest) -> HttpResponse:
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused("bad_encoding", "Send a form (application/x-www-form-urlencoded).", "", 415)
    question = read_question(decode(request.body))
    browser, cookie = identity.ensure_browser(request)
    run, is_new = services.submit_run(question, browser, identity.address_of(request))
    response = _begun(request, run, cookie, 201 if is_new else 200)
    if wants_json(request):
        response.headers["Location"] = run.get_absolute_url()
    return response


@never_cache
def runs(request: HttpRequest) -> HttpResponse:
    """POST asks; GET shows what this browser has asked lately."""
    if request.method == "POST":
        return create_run(request)
    return my_runs(request)


@require_safe
def my_runs(request: HttpRequest) -> HttpResponse:
    browser = identity.browser_of(request)
    mine = Run.objects.filter(browser=browser)[:MOST_LISTED] if browser else Run.objects.none()
    rows = [(run, presentation.model_name(run)) for run in mine]
    response = render(request, "inference/runs.html", {"rows": rows})
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _begun(request: HttpRequest, run: Run, cookie: str | None, status: int = 201) -> HttpResponse:
    """Tells where the run is that was just asked for, and keeps whose it is."""
    response: HttpResponse
    if wants_json(request):
        response = JsonResponse(presentation.created(run), status=status)
    else:
        response = _see(run)
    identity.remember(response, cookie)
    return response


def _see(run: Run) -> HttpResponseRedirect:
    response = HttpResponseRedirect(run.get_absolute_url())
    response.status_code = 303
    return response


@never_cache
@require_safe
def run_page(request: HttpRequest, run_id: str) -> HttpResponse:
    run, is_owner = _visible(request, run_id)
    context = {
        "run": run,
        "is_owner": is_owner,
        "model_name": presentation.model_name(run),
        "answer_html": render_answer(run.text),
        "links": presentation.links_of(run),
        "events_url": events_url(run.id),
        "source": presentation.source_of(run),
        "receipt": presentation.receipt_of(run),
        "tokens": run.tokens,
        "replay_matches": run.replay_matches(),
    }
    response = render(request, "inference/run.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@never_cache
@require_safe
def run_json(request: HttpRequest, run_id: str) -> HttpResponse:
    run, is_owner = _visible(request, run_id)
    return JsonResponse(presentation.as_json(run, is_owner))


@never_cache
@require_safe
def run_markdown(request: HttpRequest, run_id: str) -> HttpResponse:
    run, _ = _visible(request, run_id)
    response = HttpResponse(
        presentation.as_markdown(run), content_type="text/markdown; charset=utf-8"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="run-{run.id[:8]}.md"'
    return response


@require_POST
@in_words
def stop_run(request: HttpRequest, run_id: str) -> HttpResponse:
    run = _owned(request, run_id)
    state = services.stop_run(run)
    return JsonResponse({"state": state}, status=202) if wants_json(request) else _see(run)


@require_POST
@in_words
def share_run(request: HttpRequest, run_id: str, is_shared: bool) -> HttpResponse:
    run = _owned(request, run_id)
    services.share_run(run, is_shared)
    if wants_json(request):
        return JsonResponse({"is_shared": is_shared, "url": run.get_absolute_url()})
    return _see(run)


@require_POST
@in_words
def replay_run(request: HttpRequest, run_id: str) -> HttpResponse:
    original, _ = _visible(request, run_id)
    browser, cookie = identity.ensure_browser(request)
    run = services.replay_run(original, browser, identity.address_of(request))
    return _begun(request, run, cookie)


@require_POST
@in_words
def fork_run(request: HttpRequest, run_id: str) -> HttpResponse:
    """Continue from a token of an answer, or from an alternative to it."""
    original, _ = _visible(request, run_id)
    place, token = read_fork(decode(request.body))
    browser, cookie = identity.ensure_browser(request)
    try:
        run = services.fork_run(original, place, token, browser, identity.address_of(request))
    except services.NoFork as error:
        raise Refused("bad_fork", str(error), "place") from error
    return _begun(request, run, cookie)
