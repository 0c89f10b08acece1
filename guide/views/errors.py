"""What a page that does not exist can still offer: the pages near its address."""

import logging
from urllib.parse import unquote

from django.db import DatabaseError

from guide.search import search

logger = logging.getLogger(__name__)
MOST = 5


def suggestions_for(path: str) -> list[tuple[str, str]]:
    """(title, url) of pages whose names are near the last part of a path."""
    part = next((part for part in reversed(unquote(path).split("/")) if part), "")
    words = part.rpartition(".")[0] or part
    try:
        return [(hit.title, hit.url) for hit in search(words, MOST).hits]
    except DatabaseError:
        # The page is already an error page: without a database it is shown without suggestions.
        logger.exception("The search for suggestions failed.")
        return []
