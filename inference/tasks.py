"""The door through which Celery hands a run to the worker that holds the model."""

from celery import shared_task


@shared_task(name="inference.generate", ignore_result=True)
def generate(run_id: str) -> None:
    """Answers one run. Only its id travels; everything else is in its row."""
    from inference import worker  # the web registers this task too, and must not load an engine

    worker.current().answer(run_id)
