"""One forward pass of a transformers model over slot memory: token ids in, logits out."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from inference.engine.backends.attention import visible
from inference.engine.cache import SlotMemory, blocks
from inference.engine.errors import UnsupportedModel

ATTENTION_KINDS = {"full_attention", "sliding_attention"}


class SlotForward:
    """A model and the memory of `rows` sequences of up to `context` tokens each."""

    def __init__(self, model: Any, rows: int, context: int) -> None:
        config = model.config.get_text_config()
        self._model = model
        self._windows = windows(config)
        # One position more than the context: where the idle rows of a full batch may write.
        self.memory = SlotMemory(config.num_hidden_layers, rows, blocks(context + 1))
        self._is_selective = "logits_to_keep" in inspect.signature(model.forward).parameters

    @property
    def vocabulary(self) -> int:
        return int(self._model.config.get_text_config().vocab_size)

    def prefill(self, row: int, tokens: Sequence[int], start: int, keep: int = 1) -> Tensor:
        """Read a piece of a prompt into one row; float32 logits (keep, vocabulary).

        They are those after the last `keep` tokens of the piece.
        """
        self.memory.placement.prefill(row, start, len(tokens))
        positions = self._tensor([list(range(start, start + len(tokens)))])
        return self._logits(self._tensor([list(tokens)]), positions, positions, keep)[0]

    def decode(self, tokens: Sequence[int], lengths: Sequence[int], idle: Sequence[int]) -> Tensor:
        """Append one token to each of the first rows; float32 logits (rows, vocabulary).

        `lengths` says how much each row holds already. The `idle` rows keep the shape of the
        batch; they write to the position that their own next token will overwrite.
        """
        skipped = set(idle)
        busy = [0 if row in skipped else length for row, length in enumerate(lengths)]
        places = self._tensor(list(lengths))
        self.memory.placement.decode(places, blocks(max(busy) + 1))
        positions = self._tensor(busy)[:, None]
        return self._logits(self._tensor(list(tokens))[:, None], positions, positions, 1)[:, 0]

    def _logits(self, tokens: Tensor, positions: Tensor, seen: Tensor, keep: int) -> Tensor:
        """Float32 logits (rows, keep, vocabulary) after the last `keep` tokens of each row."""
        live, dtype = self.memory.placement.live, self._model.dtype
        masks = {kind: visible(seen, live, w, dtype) for kind, w in self._windows.items()}
        output = self._model(
            input_ids=tokens,
            attention_mask=masks if len(masks) > 1 else next(iter(masks.values())),
            position_ids=positions,
            past_key_values=self.memory,
            use_cache=True,
            **({"logits_to_keep": keep} if self._is_selective else {}),
        )
        logits: Tensor = output.logits[:, -keep:].float()
        return logits

    def _tensor(self, values: list[Any]) -> Tensor:
        return torch.tensor(values, dtype=torch.long, device=self._model.device)


def windows(config: Any) -> dict[str, int | None]:
    """The kinds of attention layers of a model, each with its sliding window if it has one."""
    window = getattr(config, "sliding_window", None)
    kinds = getattr(config, "layer_types", None)
    if kinds is None:
        kinds = ["full_attention" if window is None else "sliding_attention"]
    unknown = set(kinds) - ATTENTION_KINDS
    if unknown:
        raise UnsupportedModel(
            f"This model has layers of the kind {', '.join(sorted(unknown))}, which this engine "
            "does not run. Choose a model of full or sliding-window attention."
        )
    return {kind: window if kind == "sliding_attention" else None for kind in sorted(set(kinds))}
