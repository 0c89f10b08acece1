"""Finds a checkpoint and refuses it before anything in it is read that could run or mislead."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError
from safetensors import SafetensorError, safe_open

from inference.engine.errors import BrokenCheckpoint, CheckpointNotFound, UnsafeCheckpoint

WANTED = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl")
FORBIDDEN = ("auto_map", "_attn_implementation_internal")
REVISION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder that has passed every check; its revision names the exact weights."""

    folder: Path
    name: str
    revision: str


def locate(source: str, revision: str | None = None) -> Checkpoint:
    """The checkpoint of a local folder or a hub id, once it has been found safe and whole."""
    folder = Path(source)
    if folder.is_dir():
        check(folder)
        return Checkpoint(folder, folder.name, _checked_hash(folder, revision))
    if source.startswith((".", "/", "~")) or source.count("/") > 1:
        raise CheckpointNotFound(f"There is no folder {source}. Check the path of the model.")
    folder = _downloaded(source, revision)
    check(folder)
    return Checkpoint(folder, source, folder.name)


def check(folder: Path) -> None:
    """Raise a CheckpointError unless the folder holds a whole model and no code."""
    config = folder / "config.json"
    if not config.is_file():
        raise CheckpointNotFound(f"{folder} has no config.json, so it is no checkpoint.")
    for file in sorted(folder.glob("*.json")):
        _check_settings(file)
    for weights in _weights(folder):
        _check_weights(weights)


def _downloaded(source: str, revision: str | None) -> Path:
    """A hub checkpoint on this disk; without a network, what an earlier download left."""
    options: dict[str, Any] = {"revision": revision, "allow_patterns": list(WANTED)}
    try:
        return Path(snapshot_download(source, **options))
    except HFValidationError as error:
        raise CheckpointNotFound(f"{source!r} is neither a folder nor a hub id.") from error
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        try:
            return Path(snapshot_download(source, local_files_only=True, **options))
        except LocalEntryNotFoundError:
            raise CheckpointNotFound(
                f"{source} is not on this disk and cannot be downloaded "
                f"({type(error).__name__}). Check the name of the model and the network."
            ) from error


def _check_settings(file: Path) -> None:
    """Settings must be JSON, and must not name code to import."""
    try:
        settings = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BrokenCheckpoint(
            f"{file} is no valid JSON ({error}). Get the whole checkpoint again."
        ) from error
    if file.name.endswith("config.json"):
        for key in _keys(settings):
            if key in FORBIDDEN:
                raise UnsafeCheckpoint(
                    f"{file} contains {key!r}, which makes a loader run foreign code. "
                    "Choose a model that needs no code of its own."
                )


def _keys(settings: Any) -> Iterator[str]:
    """Every key of nested settings."""
    nested = [settings]
    while nested:
        here = nested.pop()
        if isinstance(here, dict):
            yield from here
            nested += here.values()
        elif isinstance(here, list):
            nested += here


def _weights(folder: Path) -> list[Path]:
    """The safetensors files of a checkpoint, all of those its index names."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        shards = json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values()
        files = sorted({folder / Path(shard).name for shard in shards})
    else:
        files = sorted(folder.glob("*.safetensors"))
    if files:
        return files
    if any(file for pattern in PICKLES for file in folder.glob(pattern)):
        raise UnsafeCheckpoint(
            f"{folder} has pickled weights only, and loading a pickle runs the code inside. "
            "Choose a checkpoint with safetensors."
        )
    raise BrokenCheckpoint(f"{folder} has no weights (*.safetensors). Get the whole checkpoint.")


def _check_weights(file: Path) -> None:
    """A safetensors file is as long as its header says, or it is refused."""
    try:
        with safe_open(file, framework="np") as weights:
            weights.keys()
    except (SafetensorError, OSError) as error:
        raise BrokenCheckpoint(
            f"{file} is missing or incomplete ({error}). Get the whole checkpoint again."
        ) from error


def _checked_hash(folder: Path, expected: str | None) -> str:
    """The beginning of the SHA-256 of the weights, which must be the expected one if given."""
    digest = hashlib.sha256()
    for file in _weights(folder):
        with file.open("rb") as content:
            while block := content.read(2**20):
                digest.update(block)
    found = digest.hexdigest()
    if expected and not found.startswith(expected.lower()):
        raise BrokenCheckpoint(
            f"The weights in {folder} are {found[:REVISION_LENGTH]}, not {expected}. "
            "Get the checkpoint again, or correct the revision."
        )
    return found[:REVISION_LENGTH]
