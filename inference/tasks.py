"""The door through which Celery hands a run to the worker that holds the model.

The web registers this task too and must not load an engine, so the worker's own module is imported
only where a worker process opens, serves and closes.
"""

import gc
from typing import Any

from celery import shared_task, signals


def _generate(run_id: str) -> None:
    """Answers one run. Only its id travels; everything else is in its row."""
    from inference import worker

    worker.current().answer(run_id)


generate = shared_task(name="inference.generate", ignore_result=True)(_generate)


def _open(**_: Any) -> None:
    """Imports torch and transformers; measured 0.7 to 1.5 s faster without collecting garbage.

    What they create stays for ever, so it is also kept out of every later collection.
    """
    gc.disable()
    from inference import worker

    gc.freeze()
    gc.enable()
    worker.open_here()


def _serve(**_: Any) -> None:
    from inference import worker

    worker.current().start_loading()


def _close(**_: Any) -> None:
    from inference import worker

    worker.current().close()


signals.celeryd_init.connect(_open, weak=False)
signals.worker_ready.connect(_serve, weak=False)
signals.worker_shutdown.connect(_close, weak=False)
