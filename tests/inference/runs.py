"""Plain factories for the tests of runs, and an engine whose model is a script."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from inference.models import Run

SETTINGS: dict[str, Any] = {
    "temperature": 0.7,
    "top_p": 0.95,
    "top_k": 0,
    "max_tokens": 40,
    "seed": 7,
    "stop": [],
}


def make_run(**given: Any) -> Run:
    """A queued run with sensible values."""
    values: dict[str, Any] = {
        "browser": "b" * 64,
        "address": "a" * 64,
        "prompt": "What is inference?",
        "settings": SETTINGS | given.pop("settings", {}),
        "model": "embedded",
    }
    return Run.objects.create(**(values | given))


@contextmanager
def scripted_engine(text: str, **settings: Any) -> Iterator[Any]:
    """A real engine, thread and all, over the scripted runner that always writes `text`."""
    from inference.engine.engine import Engine
    from inference.engine.scripted import scripted_model

    with Engine(scripted_model(text, **settings), slots=4) as engine:
        yield engine
