"""Fixtures for the guide: a good content folder, and pages that were never asked for before."""

from pathlib import Path

import pytest

from guide import autolinks, public_page, shelf
from guide.library import facets, popularity
from guide.search import spelling
from tests.guide.content_files import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """No test sees what another one left in this process."""
    public_page.memory.clear()
    for memory in (autolinks.known, shelf.known, facets.known, spelling.known):
        memory.clear()
    popularity.known.minute = -1
