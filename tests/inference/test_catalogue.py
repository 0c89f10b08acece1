"""models.toml is read strictly: what is wrong with it is said in one sentence."""

from pathlib import Path

import pytest

from inference.catalogue import CatalogueError, read


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_relative_folder_is_found_beside_the_file(tmp_path):
    (tmp_path / "weights").mkdir()
    path = write(tmp_path, '[models.mine]\nsource = "weights"\n')
    assert read(path).default.source == str(tmp_path / "weights")


def test_a_hub_id_stays_a_hub_id(tmp_path):
    path = write(tmp_path, '[models.qwen]\nsource = "Qwen/Qwen3-0.6B"\nrevision = "main"\n')
    entry = read(path).default
    assert (entry.source, entry.revision, entry.queue) == ("Qwen/Qwen3-0.6B", "main", "model.qwen")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "names no model"),
        ("not toml at all [", "cannot be read"),
        ("[models.Bad_Name]\nsource = 'x'", "lower-case"),
        ("[models.a]\nname = 'x'", "source"),
        ("[models.a]\nsource = 'x'\ntrust_remote_code = true", "trust_remote_code is not known"),
        ("[models.a]\nsource = 'x'\ndtype = 'int3'", "dtype must be one of"),
        ("[models.a]\nsource = 'x'\nbackend = 'magic'", "backend must be one of"),
        ("[models.a]\nsource = 'x'\ncontext = 3", "context is a number"),
        ("default = 'b'\n[models.a]\nsource = 'x'", "names no"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, part):
    with pytest.raises(CatalogueError, match=part):
        read(write(tmp_path, text))


def test_the_shipped_catalogue_needs_no_network():
    from django.conf import settings

    assert Path(read(settings.MODELS_FILE).default.source).is_dir()
