"""The door through which Celery hands a run to the worker that holds the model.

The web registers this task too and must not load an engine, so the worker's own module is imported
only where a worker process opens and closes.
"""

from typing import Any

from celery import shared_task, signals


def _generate(run_id: str) -> None:
    """Answers one run. Only its id travels; everything else is in its row."""
    from inference import worker

    worker.current().answer(run_id)


generate = shared_task(name="inference.generate", ignore_result=True)(_generate)


def _open(**_: Any) -> None:
    from inference import worker

    worker.open_here()


def _close(**_: Any) -> None:
    from inference import worker

    worker.current().close()


signals.celeryd_init.connect(_open, weak=False)
signals.worker_shutdown.connect(_close, weak=False)
