"""The models on offer, read from models.toml and refused in one sentence when a line is wrong."""

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

BACKENDS: Final = ("transformers", "openai")
FORWARDS: Final = ("auto", "native", "plain")
DTYPES: Final = ("float32", "bfloat16", "float16")
ID_RULE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
KEY_ENV_RULE: Final = re.compile(r"|[A-Z][A-Z0-9_]{0,63}")
KEYS: Final = frozenset(
    {"name", "about", "backend", "source", "revision", "dtype", "device", "context", "forward"}
    | {"upstream_model", "key_env", "allow_private"}
)


class CatalogueError(Exception):
    """models.toml cannot be used; the message names the line's table and what to write."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One table of models.toml; `source` is a folder (made absolute) or a hub id."""

    id: str
    name: str
    about: str
    backend: str
    source: str
    revision: str | None
    dtype: str
    device: str
    context: int | None
    forward: str = "auto"
    upstream_model: str = ""
    key_env: str = ""
    allow_private: bool = False

    @property
    def queue(self) -> str:
        """The Celery queue whose workers hold this model."""
        return f"model.{self.id}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    entries: tuple[ModelEntry, ...]
    default_id: str

    @property
    def default(self) -> ModelEntry:
        return self.by_id[self.default_id]

    @property
    def by_id(self) -> dict[str, ModelEntry]:
        return {entry.id: entry for entry in self.entries}


def _entry(model_id: str, table: Any, base: Path) -> ModelEntry:
    where = f"[models.{model_id}]"
    if not ID_RULE.fullmatch(model_id):
        raise CatalogueError(f"{where}: an id has lower-case letters, digits and hyphens only.")
    if not isinstance(table, dict) or not isinstance(table.get("source"), str):
        raise CatalogueError(f'{where}: write source = "a folder or a hub id".')
    if unknown := sorted(set(table) - KEYS):
        raise CatalogueError(
            f"{where}: {unknown[0]} is not known. Known: {', '.join(sorted(KEYS))}."
        )
    backend, dtype = table.get("backend", "transformers"), table.get("dtype", "float32")
    if backend not in BACKENDS:
        raise CatalogueError(f"{where}: backend must be one of {', '.join(BACKENDS)}.")
    if dtype not in DTYPES:
        raise CatalogueError(f"{where}: dtype must be one of {', '.join(DTYPES)}.")
    forward = table.get("forward", "auto")
    if forward not in FORWARDS:
        raise CatalogueError(f"{where}: forward must be one of {', '.join(FORWARDS)}.")
    context = table.get("context")
    if context is not None and not (isinstance(context, int) and 16 <= context <= 1_048_576):
        raise CatalogueError(f"{where}: context is a number of tokens between 16 and 1048576.")
    if backend == "openai":
        _check_upstream(where, table)
    return ModelEntry(
        id=model_id,
        name=str(table.get("name", model_id)),
        about=str(table.get("about", "")),
        backend=backend,
        source=table["source"] if backend == "openai" else _resolved(table["source"], base),
        revision=table.get("revision"),
        dtype=dtype,
        device=str(table.get("device", "auto")),
        context=context,
        forward=forward,
        upstream_model=str(table.get("upstream_model", "")),
        key_env=str(table.get("key_env", "")),
        allow_private=table.get("allow_private") is True,
    )


def _check_upstream(where: str, table: dict[str, Any]) -> None:
    """What only a model on another server has; its address is checked when it is used."""
    if not table["source"].startswith(("https://", "http://")):
        raise CatalogueError(f'{where}: write source = "https://server/v1" for an openai backend.')
    if not isinstance(table.get("upstream_model"), str):
        raise CatalogueError(f'{where}: write upstream_model = "the model\'s name on the server".')
    if table["source"].startswith("http://") and table.get("allow_private") is not True:
        raise CatalogueError(f"{where}: http:// needs allow_private = true; else use https://.")
    if not KEY_ENV_RULE.fullmatch(str(table.get("key_env", ""))):
        raise CatalogueError(
            f"{where}: key_env is the name of the environment variable that holds the key, "
            "not the key."
        )


def _resolved(source: str, base: Path) -> str:
    """A folder, also one relative to models.toml, becomes absolute; all else is a hub id."""
    folder = (base / source).expanduser()
    return (
        str(folder.resolve()) if folder.is_dir() or source.startswith((".", "/", "~")) else source
    )


def read(path: Path) -> Catalogue:
    """Reads and checks one models.toml; CatalogueError says in words what is wrong with it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{path.name} cannot be read: {error}") from error
    tables = data.get("models")
    if not isinstance(tables, dict) or not tables:
        raise CatalogueError(f"{path.name} names no model: add a [models.<id>] table.")
    entries = tuple(_entry(model_id, table, path.parent) for model_id, table in tables.items())
    default_id = data.get("default", entries[0].id)
    if default_id not in tables:
        raise CatalogueError(f'{path.name}: default = "{default_id}" names no [models.…] table.')
    return Catalogue(entries, default_id)


@lru_cache(maxsize=4)
def _cached(path: Path, modified: float) -> Catalogue:
    return read(path)


def catalogue() -> Catalogue:
    """The catalogue of this installation, read again only after models.toml changed."""
    path: Path = settings.MODELS_FILE
    return _cached(path, path.stat().st_mtime if path.exists() else 0.0)
