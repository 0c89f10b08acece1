"""The addresses under /runs/; the event stream is answered before Django, in config.asgi."""

from django.urls import path, register_converter

from inference import views


class RunId:
    """32 hexadecimal digits; anything else is not a run and never reaches the database."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(RunId, "run")

urlpatterns = [
    path("", views.runs, name="create-run"),
    path("ready", views.ready, name="ready"),
    path("<run:run_id>/", views.run_page, name="run"),
    path("<run:run_id>.json", views.run_json, name="run-json"),
    path("<run:run_id>.md", views.run_markdown, name="run-md"),
    path("<run:run_id>/stop", views.stop_run, name="stop-run"),
    path("<run:run_id>/share", views.share_run, {"is_shared": True}, name="share-run"),
    path("<run:run_id>/unshare", views.share_run, {"is_shared": False}, name="unshare-run"),
    path("<run:run_id>/replay", views.replay_run, name="replay-run"),
    path("<run:run_id>/fork", views.fork_run, name="fork-run"),
]
