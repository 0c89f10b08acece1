"""On the guide's own content, what people type finds the right page first, on both databases."""

import pytest
from django.conf import settings

from guide.content.loading import load
from guide.content.reading import read_library
from guide.search import search
from tests.guide.search_queries import FIRST


@pytest.mark.django_db
def test_every_query_of_the_table_finds_its_page_first() -> None:
    library = read_library(settings.CONTENT_DIR)
    library.prompts = []
    load(library)
    found = {query: [hit.url for hit in search(query, 3).hits] for query, _ in FIRST}
    wrong = [f"{query}: {found[query]}" for query, url in FIRST if found[query][:1] != [url]]
    assert wrong == []
