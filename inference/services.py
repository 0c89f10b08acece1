"""What the web does to a run: submit, stop, share, replay; rows first, then the broker."""

import logging
from functools import partial
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from guide.models import Prompt
from inference import limits, presence, streams
from inference.catalogue import ModelEntry, catalogue
from inference.events import QUEUED, Event
from inference.forms import Question
from inference.models import Run, State

logger = logging.getLogger(__name__)

TASK = "inference.generate"


class NoWorker(Exception):
    """No worker holds the model at the moment."""

    message = (
        "The model is not running at the moment. Reading and copying work; try again in a minute."
    )
    retry_after = 10


def submit_run(question: Question, browser: str, address: str) -> tuple[Run, bool]:
    """Commits a queued run and sends it on its way; returns it and whether it is new.

    The same key from the same browser gives the run that it made before. Raises NoWorker and
    limits.LimitReached before anything is written.
    """
    if question.key and (known := Run.objects.filter(browser=browser, key=question.key).first()):
        return known, False
    if not presence.is_served(streams.client(), question.model):
        raise NoWorker
    run = Run(
        browser=browser,
        address=address,
        key=question.key,
        prompt=question.prompt,
        settings=question.settings,
        model=question.model.id,
        source_kind=question.source.kind if question.source else "",
        source_ref=question.source.ref if question.source else "",
    )
    try:
        _commit(run)
    except IntegrityError:
        return Run.objects.get(browser=browser, key=question.key), False
    return run, True


def _commit(run: Run) -> None:
    with transaction.atomic():
        limits.check(run.browser, run.address)
        run.save(force_insert=True)
        if run.source_kind == "prompt":
            Prompt.objects.count_run(run.source_ref)
        transaction.on_commit(partial(enqueue, run))


def enqueue(run: Run) -> None:
    """Puts a queued run's id on its model's queue; when that fails, the reaper will."""
    seen = run.enqueued_at
    if not Run.objects.mark_enqueued(run.id, seen):
        return
    try:
        current_app.send_task(TASK, [run.id], queue=queue_of(run.model), retry=False)
    except OperationalError as error:
        logger.warning("run %s: not enqueued (%s); the reaper will try again", run.id, error)
        Run.objects.filter(id=run.id, state=State.QUEUED).update(enqueued_at=seen)
        return
    event = Event(QUEUED, {"position": run.position() or 1})
    streams.append_from_web(streams.client(), run.id, 0, event)


def queue_of(model_id: str) -> str:
    entry = catalogue().by_id.get(model_id)
    return entry.queue if entry else f"model.{model_id}"


def stop_run(run: Run) -> State:
    """Asks for the end of a run; a waiting one ends at once, a running one within a step or so."""
    if Run.objects.withdraw(run.id):
        run.refresh_from_db()
        streams.append_from_web(streams.client(), run.id, run.attempt, run.last_event())
        return State.STOPPED
    Run.objects.filter(id=run.id, state=State.RUNNING).update(is_stop_requested=True)
    streams.request_stop(streams.client(), run.id)
    run.refresh_from_db(fields=["state"])
    return State(run.state)


def share_run(run: Run, is_shared: bool) -> None:
    Run.objects.filter(id=run.id).update(is_shared=is_shared)


def replay_run(original: Run, browser: str, address: str) -> Run:
    """The same prompt, model, settings and seed once more, to see whether the text is the same."""
    entry = catalogue().by_id.get(original.model)
    if entry is None or not presence.is_served(streams.client(), entry):
        raise NoWorker
    run = Run(
        browser=browser,
        address=address,
        prompt=original.prompt,
        settings=original.settings,
        model=original.model,
        source_kind=original.source_kind,
        source_ref=original.source_ref,
        replay_of=original,
    )
    _commit(run)
    return run


class NoFork(Exception):
    """An answer cannot be continued from there; the text says why."""


def fork_run(original: Run, place: int, token: int | None, browser: str, address: str) -> Run:
    """Continues an answer behind its first `place` tokens, `token` being the next if given.

    It has the prompt, the settings and the dice of the original. Raises NoFork in words, NoWorker
    and limits.LimitReached.
    """
    entry = catalogue().by_id.get(original.model)
    if entry is None or not presence.is_served(streams.client(), entry):
        raise NoWorker
    settings = original.settings | {"given": given_of(original, place, token)}
    run = Run(
        browser=browser,
        address=address,
        prompt=original.prompt,
        settings=settings,
        model=original.model,
        source_kind=original.source_kind,
        source_ref=original.source_ref,
    )
    _commit(run)
    return run


def given_of(original: Run, place: int, token: int | None) -> list[dict[str, Any]]:
    """The tokens that a fork begins with; the last may be one that the model only considered."""
    tokens: list[dict[str, Any]] = original.tokens
    if not 0 <= place < len(tokens) or any("i" not in one for one in tokens[: place + 1]):
        raise NoFork("This answer has no token there to continue from.")
    given = tokens[:place]
    if token is not None:
        given = [*given, _instead(tokens[place], token)]
    if len(given) >= original.settings["max_tokens"]:
        raise NoFork("The answer has its full length there already. Choose an earlier token.")
    return given


def _instead(there: dict[str, Any], token: int) -> dict[str, Any]:
    """An alternative as if it had been drawn."""
    if token == there["i"]:
        return there
    for rank, (text, logprob, number) in enumerate(there["a"], start=1):
        if number == token and "\ufffd" not in text:
            return there | {"i": token, "t": text, "p": logprob, "r": rank}
    raise NoFork("Only a whole token that the model considered there can be put in its place.")


def queue_state() -> dict[str, int]:
    """How many runs wait and run, for the panel."""
    return {
        "waiting": Run.objects.waiting().count(),
        "running": Run.objects.filter(
            state=State.RUNNING, heartbeat_at__lte=timezone.now()
        ).count(),
    }


def served_models() -> list[tuple[ModelEntry, presence.Presence | None]]:
    """Every model of the catalogue with a worker that holds it, if any; RedisError when away."""
    workers = {worker.model: worker for worker in presence.present(streams.client())}
    return [(entry, workers.get(entry.id)) for entry in catalogue().entries]
