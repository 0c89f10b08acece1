"""The shape of the bundled model, a small Llama, and the loss it is trained on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from training.batches import IGNORED, MicroBatch
from training.tokenizer import CONTEXT_LENGTH


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network; every head is 64 wide unless the hidden size says otherwise."""

    hidden: int = 256
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 704


def build(shape: Shape, vocabulary: int, seed: int) -> Any:
    """A `LlamaForCausalLM` with fresh weights; input and output embeddings are one matrix."""
    torch.manual_seed(seed)
    config: Any = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        max_position_embeddings=CONTEXT_LENGTH,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        attn_implementation="sdpa",
    )
    return LlamaForCausalLM(config)


def summed_loss(model: Any, batch: MicroBatch) -> torch.Tensor:
    """Cross entropy in nats, summed over the learned positions.

    The output matrix is the widest of all, so it is applied only where something is learned.
    """
    hidden = model.model(input_ids=batch.ids, use_cache=False).last_hidden_state
    learned = batch.targets != IGNORED
    logits = model.lm_head(hidden[learned]).float()
    return functional.cross_entropy(logits, batch.targets[learned], reduction="sum")


def learned_tokens(batches: Iterable[MicroBatch]) -> int:
    """How many positions a loss is summed over."""
    return sum(int((batch.targets != IGNORED).sum()) for batch in batches)


def mean_loss(model: Any, batches: list[MicroBatch]) -> float:
    """Nats per learned token, without gradients."""
    with torch.inference_mode():
        total = sum(float(summed_loss(model, batch)) for batch in batches)
    return total / max(1, learned_tokens(batches))
