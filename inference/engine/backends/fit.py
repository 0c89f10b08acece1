"""Proves at load time that a model computes the same over slot memory as it does by itself."""

from typing import Any

import torch
from torch import Tensor

from inference.engine.backends.attention import NAME
from inference.engine.backends.forward import SlotForward
from inference.engine.backends.native.forward import NativeForward
from inference.engine.backends.native.packing import Packed
from inference.engine.errors import UnsupportedModel, first_sentence

# Relative to the spread of the logits: rounding stays far below, a wrong mask far above.
TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.2, torch.float16: 0.05}
LENGTH, CHUNK = 12, 5


@torch.inference_mode()
def check_fit(model: Any) -> None:
    """Raise UnsupportedModel unless prefill in chunks and decode give the plain forward's logits.

    The model must come with torch's own attention, which is the yardstick.
    """
    try:
        expected, found = _plainly(model), _in_slots(model)
    except UnsupportedModel:
        raise
    except Exception as error:
        raise UnsupportedModel(
            f"This engine cannot run a {model.config.model_type} model: {first_sentence(error)}. "
            "Choose a model of another architecture."
        ) from error
    if not _is_close(expected, found, TOLERANCE[model.dtype]):
        raise UnsupportedModel(
            f"A {model.config.model_type} model does not compute the same in this engine as by "
            "itself, so its answers would be wrong. Choose a model of another architecture."
        )


@torch.inference_mode()
def fits_natively(model: Any, packed: Packed) -> bool:
    """Whether the compiled step gives the logits of the model itself."""
    tokens = _tokens(model)
    forward = NativeForward(packed, slots=2, context=2 * LENGTH)
    forward.prefill(1, tokens[:CHUNK], 0)
    forward.prefill(1, tokens[CHUNK : 2 * CHUNK], CHUNK)
    places = range(2 * CHUNK, LENGTH)
    found = torch.cat([forward.decode([1], [tokens[place]], [place]) for place in places])
    return _is_close(_plainly(model), found, TOLERANCE[model.dtype])


def _is_close(expected: Tensor, found: Tensor, tolerance: float) -> bool:
    spread = expected.std().clamp(min=1e-6)
    difference: float = ((expected - found).abs().max() / spread).item()
    return difference < tolerance


def _tokens(model: Any) -> list[int]:
    vocabulary = model.config.get_text_config().vocab_size
    return [(place + 1) * 7919 % vocabulary for place in range(LENGTH)]


def _plainly(model: Any) -> Tensor:
    """The logits after the last two tokens, from one forward pass without a cache."""
    ids = torch.tensor([_tokens(model)], device=model.device)
    logits: Tensor = model(input_ids=ids, use_cache=False).logits[0, -2:].float()
    return logits


def _in_slots(model: Any) -> Tensor:
    """The same logits from two chunks of prefill and steps of decode, in the second of two rows."""
    tokens = _tokens(model)
    model.set_attn_implementation(NAME)
    forward = SlotForward(model, rows=2, context=2 * LENGTH)
    forward.prefill(1, tokens[:CHUNK], 0)
    forward.prefill(1, tokens[CHUNK : 2 * CHUNK], CHUNK)
    steps = [
        forward.decode([0, tokens[place]], [0, place], idle=[0])[1:]
        for place in range(2 * CHUNK, LENGTH)
    ]
    if not forward.memory.is_complete:
        raise UnsupportedModel("This model keeps its memory in a form that the engine lacks.")
    return torch.cat(steps)
