"""Static files are compressed again only when one of them changed."""

from pathlib import Path

import pytest

from operations.staticfiles import collect_if_changed


@pytest.fixture
def folder(settings, tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.css").write_text("a { color: red }", encoding="utf-8")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "collected"
    from django.contrib.staticfiles import finders

    finders.get_finder.cache_clear()
    yield source
    finders.get_finder.cache_clear()


def test_unchanged_files_are_collected_once(folder: Path):
    assert collect_if_changed()
    assert not collect_if_changed()


def test_a_changed_file_is_collected_again_and_a_deleted_one_goes(folder: Path, settings):
    collect_if_changed()
    (folder / "a.css").unlink()
    (folder / "b.css").write_text("b { color: blue }", encoding="utf-8")
    assert collect_if_changed()
    collected = {path.name for path in Path(settings.STATIC_ROOT).glob("*.css")}
    assert collected == {"b.css"}
