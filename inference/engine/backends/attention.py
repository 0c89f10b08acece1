"""Attention over slot memory, written so that a row's result depends on that row alone.

torch's CPU kernel gives each thread a scratch buffer whose alignment depends on the number of
query rows; with an odd number, the last bits of a result depend on which thread computed it, and
so on the neighbours in the batch. Queries are therefore padded to a multiple of eight rows.
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

NAME = "slots"
QUERY_ROWS = 8


def slot_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **options: Any,
) -> tuple[Tensor, None]:
    """(rows, heads, queries, width) against keys of fewer heads -> (rows, queries, heads, width).

    Only a decode step on a CPU (one query per row) needs the padding; the rest is torch's own.
    """
    if query.shape[2] != 1 or query.device.type != "cpu" or attention_mask is None:
        plain: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, **options
        )
        return plain
    rows, heads, _, width = query.shape
    group = heads // key.shape[1]
    packed = query.reshape(rows, key.shape[1], group, width)
    padded = functional.pad(packed, (0, 0, 0, -group % QUERY_ROWS))
    attend = functional.scaled_dot_product_attention
    read = attend(padded, key, value, attn_mask=attention_mask, scale=scaling)
    return read[:, :, :group].reshape(rows, 1, heads, value.shape[-1]), None


def visible(positions: Tensor, live: int, window: int | None, dtype: torch.dtype) -> Tensor:
    """The additive mask for queries at `positions` (rows, queries): 0 to see, -inf to hide.

    A query sees itself and what came before, within its sliding window if the layer has one.
    Shape (rows, 1, queries, live).
    """
    memory = torch.arange(live, device=positions.device)
    here = positions[..., None]
    is_seen = memory <= here
    if window is not None:
        is_seen &= memory > here - window
    shown = torch.zeros((), dtype=dtype, device=positions.device)
    return torch.where(is_seen, shown, -torch.inf)[:, None]


AttentionInterface.register(NAME, slot_attention)
AttentionMaskInterface.register(NAME, sdpa_mask)
