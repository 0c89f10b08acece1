"""Loads a checkpoint safely: safetensors only, no code from the checkpoint, nothing missing."""

import os
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils.logging import disable_progress_bar

from inference.engine.backends.choice import choose
from inference.engine.checkpoint import Checkpoint, locate
from inference.engine.errors import BrokenCheckpoint, UnsupportedModel, first_sentence
from inference.engine.model import LoadedModel, ModelSpec
from inference.engine.tokenizer import ChatTokenizer

__all__ = ["LoadedModel", "ModelSpec", "load"]

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# What a slot holds unless the specification asks for more: long contexts cost memory per slot.
USUAL_CONTEXT = 4096


def _usual_threads() -> int:
    return int(os.environ.get("ENGINE_THREADS") or 0) or max(1, (os.cpu_count() or 1) // 2)


def load(spec: ModelSpec, threads: int | None = None) -> LoadedModel:
    """Load a checkpoint; raises a CheckpointError that says in one sentence what is wrong.

    `threads` is the number of CPU threads for the arithmetic, ENGINE_THREADS if not given, else
    half of the cores: a step of a small model is not faster with all of them, and far slower as
    soon as something else computes (one thread and a busy neighbour: 1.0 of its speed, two
    threads: down to 0.02).
    """
    if spec.dtype not in DTYPES:
        raise UnsupportedModel(f"The dtype {spec.dtype!r} is unknown. Use one of {list(DTYPES)}.")
    threads = threads or _usual_threads()
    torch.set_num_threads(threads)
    checkpoint = locate(spec.source, spec.revision)
    model = _model(checkpoint, DTYPES[spec.dtype]).to(_device(spec.device))
    tokenizer = _tokenizer(checkpoint)
    context = _context(model, spec.context)
    parameters = sum(weight.numel() for weight in model.parameters())
    device, ends = str(model.device), _ends(model, tokenizer)
    runner, forward = choose(model, spec.forward, context, threads)
    return LoadedModel(
        runner=runner,
        tokenizer=ChatTokenizer(tokenizer, ends),
        context=context,
        revision=checkpoint.revision,
        dtype=spec.dtype,
        device=device,
        parameters=parameters,
        name=checkpoint.name,
        forward=forward,
    )


def _device(wanted: str) -> torch.device:
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(wanted)


def _model(checkpoint: Checkpoint, dtype: torch.dtype) -> Any:
    """The model with every weight from the checkpoint, in evaluation mode."""
    disable_progress_bar()
    model, report = _read(checkpoint, dtype)
    if report["missing_keys"]:
        missing = ", ".join(sorted(report["missing_keys"])[:3])
        raise BrokenCheckpoint(
            f"The weights of {checkpoint.name} lack {missing}. Get the whole checkpoint again."
        )
    return model.eval()


def _read(checkpoint: Checkpoint, dtype: torch.dtype) -> tuple[Any, dict[str, Any]]:
    """The model, and what transformers has to say about its weights."""
    try:
        read: tuple[Any, dict[str, Any]] = AutoModelForCausalLM.from_pretrained(
            checkpoint.folder,
            dtype=dtype,
            attn_implementation="sdpa",
            use_safetensors=True,
            trust_remote_code=False,
            local_files_only=True,
            output_loading_info=True,
        )
        return read
    except (OSError, RuntimeError) as error:
        raise BrokenCheckpoint(
            f"{checkpoint.name} cannot be read: {first_sentence(error)}. "
            "Get the whole checkpoint again."
        ) from error
    except Exception as error:  # every architecture has its own way to refuse a configuration
        raise UnsupportedModel(
            f"{checkpoint.name} cannot be run here: {first_sentence(error)}. Choose another model."
        ) from error


def _tokenizer(checkpoint: Checkpoint) -> Any:
    try:
        return AutoTokenizer.from_pretrained(
            checkpoint.folder, trust_remote_code=False, local_files_only=True
        )
    except Exception as error:  # the tokenizers library raises plain Exception on a broken file
        raise BrokenCheckpoint(
            f"The tokenizer of {checkpoint.name} cannot be read: {first_sentence(error)}."
        ) from error


def _context(model: Any, wanted: int | None) -> int:
    """How many tokens a sequence may have: what is asked for, within what the model can read."""
    config = model.config.get_text_config()
    most = int(getattr(config, "max_position_embeddings", USUAL_CONTEXT))
    return min(wanted or USUAL_CONTEXT, most)


def _ends(model: Any, tokenizer: Any) -> set[int]:
    """Every id by which the model may end its answer."""
    declared = getattr(model.generation_config, "eos_token_id", None)
    ids = declared if isinstance(declared, list) else [declared]
    return {one for one in (*ids, tokenizer.eos_token_id) if one is not None}
