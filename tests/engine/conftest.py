"""The checkpoints and loaded models that the tests of the engine share."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from inference.engine.loading import LoadedModel, ModelSpec, load
from tests.engine import checkpoints


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """The folder of a random checkpoint of an architecture, written once."""

    @cache
    def folder(architecture: str, poison: str = "") -> Path:
        target = tmp_path_factory.mktemp("models") / architecture
        return checkpoints.save(architecture, target, poison=poison)

    return folder


@pytest.fixture(scope="session")
def model(checkpoint: Callable[..., Path]) -> Callable[..., LoadedModel]:
    """A loaded random model of an architecture; a test lends it to one engine at a time."""

    @cache
    def loaded(architecture: str, forward: str = "auto", poison: str = "") -> LoadedModel:
        spec = ModelSpec(str(checkpoint(architecture, poison)), forward=forward)
        return load(spec, threads=1)

    return loaded
