"""The interface for programs: the routes of both apps under one description, /api/v1/."""

from ninja import NinjaAPI

from guide.api import router as guide_router
from inference.api import router as runs_router
from operations.api_errors import answer_in_words

api = NinjaAPI(
    title="Prompt Guide",
    version="1.0.0",
    description="Definitions, prompts and live runs. No key is needed; see /api/ for examples.",
    docs_url=None,  # the page that comes with it loads its scripts from another host
    urls_namespace="api",
)
api.add_router("", guide_router)
api.add_router("/runs", runs_router)
answer_in_words(api)
