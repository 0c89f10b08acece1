"""The checkpoints and loaded models that the tests of the engine share."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from inference.engine.loading import LoadedModel, ModelSpec, load
from tests.engine import checkpoints


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a random checkpoint of an architecture, written once."""

    @cache
    def folder(architecture: str) -> Path:
        return checkpoints.save(architecture, tmp_path_factory.mktemp("models") / architecture)

    return folder


@pytest.fixture(scope="session")
def model(checkpoint: Callable[[str], Path]) -> Callable[[str], LoadedModel]:
    """A loaded random model of an architecture; a test lends it to one engine at a time."""

    @cache
    def loaded(architecture: str) -> LoadedModel:
        return load(ModelSpec(str(checkpoint(architecture))), threads=1)

    return loaded
