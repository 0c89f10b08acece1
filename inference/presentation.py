"""How a run looks from outside: the JSON of the API and the receipt of the page."""

from typing import Any

from django.urls import reverse

from guide.markdown import render_answer
from inference.catalogue import catalogue
from inference.models import Run
from inference.sources import UnknownSource, find_source
from inference.tickets import events_url


def source_of(run: Run) -> dict[str, str] | None:
    """The page a run came from, if it is still published."""
    if not run.source_kind:
        return None
    try:
        source = find_source(run.source_kind, run.source_ref)
    except UnknownSource:
        return None
    return {"kind": source.kind, "ref": source.ref, "title": source.title, "url": source.url}


def model_name(run: Run) -> str:
    entry = catalogue().by_id.get(run.model)
    return entry.name if entry else run.model


def links_of(run: Run) -> dict[str, str]:
    return {
        "url": run.get_absolute_url(),
        "events": events_url(run.id),
        "stop": reverse("stop-run", args=[run.id]),
        "json": reverse("run-json", args=[run.id]),
        "fork": reverse("fork-run", args=[run.id]),
    }


def created(run: Run) -> dict[str, Any]:
    """The answer to a POST: where everything about the new run is."""
    return {
        "id": run.id,
        "state": run.state,
        "position": run.position(),
        "seed": run.settings["seed"],
        **links_of(run),
    }


def as_json(run: Run, is_owner: bool) -> dict[str, Any]:
    """Everything a reader may know of a run; `text` is the stored answer, byte for byte."""
    return {
        "id": run.id,
        "state": run.state,
        "position": run.position(),
        "prompt": run.prompt,
        "text": run.text,
        "html": render_answer(run.text) if run.is_ended else "",
        "tokens": run.tokens,
        "settings": {k: v for k, v in run.settings.items() if k != "given"},
        "given_tokens": len(run.given),
        "model": {
            "id": run.model,
            "name": model_name(run),
            "revision": run.model_revision,
            "dtype": run.dtype,
            "device": run.device,
        },
        "usage": run.usage,
        "timings": run.timings,
        "finish_reason": run.finish_reason,
        "error": run.error,
        "created_at": run.created_at.isoformat(),
        "is_owner": is_owner,
        "is_shared": run.is_shared,
        "replay_of": run.replay_of_id,
        "replay_matches": run.replay_matches(),
        "source": source_of(run),
        **links_of(run),
    }


def _seconds(value: Any) -> str:
    if not isinstance(value, int | float):
        return ""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


FINE = (
    ("Min-p", "min_p"),
    ("Repetition penalty", "repetition_penalty"),
    ("Frequency penalty", "frequency_penalty"),
    ("Presence penalty", "presence_penalty"),
)


def _chosen(run: Run, name: str) -> str:
    """A setting that most runs do not have."""
    return str(run.settings[name]) if name in run.settings else ""


def receipt_of(run: Run) -> list[tuple[str, str]]:
    """How the answer was made, line by line; lines without a value are left out."""
    rate = run.timings.get("tokens_per_second")
    lines = [
        ("Model", model_name(run)),
        ("Revision", run.model_revision),
        ("Number format", run.dtype),
        ("Device", run.device),
        ("Seed", str(run.settings.get("seed", ""))),
        ("Temperature", str(run.settings.get("temperature", ""))),
        ("Top-p", str(run.settings.get("top_p", ""))),
        ("Top-k", str(run.settings.get("top_k") or "off")),
        ("Max tokens", str(run.settings.get("max_tokens", ""))),
        *((label, _chosen(run, name)) for label, name in FINE),
        ("Continued behind", f"{len(run.given)} tokens" if run.given else ""),
        ("Tokens read", str(run.usage.get("prompt_tokens", ""))),
        ("Of these known from before", str(run.usage.get("cached_tokens") or "")),
        ("Tokens written", str(run.usage.get("completion_tokens", ""))),
        ("Time in the queue", _seconds(run.timings.get("queue_s"))),
        ("Time to first token", _seconds(run.timings.get("first_token_s"))),
        ("Total time", _seconds(run.timings.get("total_s"))),
        ("Tokens per second", f"{rate:.0f}" if isinstance(rate, int | float) else ""),
        ("Ended by", run.finish_reason.replace("_", " ")),
    ]
    return [(label, value) for label, value in lines if value]


def as_markdown(run: Run) -> str:
    """The run as a document to keep: question, answer, receipt."""
    fence = "`" * max(3, _longest_backtick_run(run.prompt) + 1)
    receipt = "\n".join(f"- {label}: {value}" for label, value in receipt_of(run))
    return (
        f"# Run {run.id}\n\n## Prompt\n\n{fence}text\n{run.prompt}\n{fence}\n\n"
        f"## Answer\n\n{run.text}\n\n## Receipt\n\n{receipt}\n"
    )


def _longest_backtick_run(text: str) -> int:
    longest = current = 0
    for character in text:
        current = current + 1 if character == "`" else 0
        longest = max(longest, current)
    return longest
