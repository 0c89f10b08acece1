"""Chooses how a model is run: by the compiled step if possible, else by its own forward pass."""

import logging
from collections.abc import Callable
from typing import Any

from inference.engine.backends.attention import NAME
from inference.engine.backends.fit import check_fit, fits_natively
from inference.engine.backends.model_runner import Forward, ModelRunner
from inference.engine.backends.native.compiler import PATIENCE_S, compilation
from inference.engine.backends.native.forward import NativeForward
from inference.engine.backends.native.library import load_library
from inference.engine.backends.native.packing import Packed, Packer, why_not
from inference.engine.backends.plain import PlainForward
from inference.engine.cache import blocks
from inference.engine.errors import UnsupportedModel

logger = logging.getLogger(__name__)

FORWARDS = ("auto", "native", "plain")
# The compiler works while torch is imported; a first start does not wait for it much longer.
FIRST_PATIENCE_S = 3.0


def choose(model: Any, wanted: str, context: int, threads: int) -> tuple[ModelRunner, str]:
    """A runner for a model, and how it computes: native or plain.

    `wanted` is one of FORWARDS; raises UnsupportedModel if it cannot be had.
    """
    if wanted not in FORWARDS:
        raise UnsupportedModel(f"forward is one of {', '.join(FORWARDS)}, not {wanted!r}.")
    found = "plain was asked for" if wanted == "plain" else _native(model, wanted, context, threads)
    if not isinstance(found, str):
        logger.info("The model takes the compiled step.")
        return found, "native"
    if wanted == "native":
        raise UnsupportedModel(
            f'The compiled step cannot be used: {found}. Write forward = "auto".'
        )
    logger.info("The model takes the plain forward pass: %s.", found)
    return _plain(model, context), "plain"


def _native(model: Any, wanted: str, context: int, threads: int) -> ModelRunner | str:
    """The compiled step, or why it cannot be."""
    if reason := why_not(model):
        return reason
    making = compilation()
    library = making.result(PATIENCE_S if wanted == "native" else FIRST_PATIENCE_S)
    if library is None:
        return making.why_not()
    try:
        packed = Packer(load_library(library), model, blocks(context), threads).pack()
    except (UnsupportedModel, OSError) as error:
        return str(error)
    if not fits_natively(model, packed):
        return "it does not give the numbers of the model itself"
    return ModelRunner(_opener(packed, context), packed.model.vocabulary, model.device)


def _opener(packed: Packed, context: int) -> Callable[[int], Forward]:
    return lambda slots: NativeForward(packed, slots, context)


def _plain(model: Any, context: int) -> ModelRunner:
    check_fit(model)
    model.set_attn_implementation(NAME)
    vocabulary = int(model.config.get_text_config().vocab_size)
    return ModelRunner(lambda slots: PlainForward(model, slots, context), vocabulary, model.device)
