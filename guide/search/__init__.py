"""Finding: one query over all kinds of pages, the same on SQLite and on PostgreSQL."""

from guide.search.index import index_all, index_contrast, index_definition, index_prompt, remove
from guide.search.query import Hit, Results, ranked_slugs, search

__all__ = [
    "Hit",
    "Results",
    "index_all",
    "index_contrast",
    "index_definition",
    "index_prompt",
    "ranked_slugs",
    "remove",
    "search",
]
