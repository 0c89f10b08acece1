"""Both samplers, the one of torch operations and the compiled one, by one name."""

from collections.abc import Iterator

import pytest
from torch import Tensor

from inference.engine import sampler
from inference.engine.backends.native.compiler import compilation
from inference.engine.backends.native.drawing import draw
from inference.engine.backends.native.library import load_library
from inference.engine.runner import Draw, Drawn, Failure

_compiled: list[bool] = [False]


@pytest.fixture(params=["torch", "compiled"], autouse=True)
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Which of the two `sample` is, in the tests of a module that imports this fixture."""
    _compiled[0] = request.param == "compiled"
    yield
    _compiled[0] = False


def sample(logits: Tensor, draws: list[Draw]) -> list[Drawn | Failure]:
    if not _compiled[0]:
        return sampler.sample(logits, draws)
    library = compilation().result()
    assert library is not None
    return draw(load_library(library), logits, draws)
