"""Lays out the weights of a transformers model as the compiled step reads them."""

import ctypes
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from inference.engine.backends.forward import windows
from inference.engine.backends.native.library import Layer, Matrix, Model
from inference.engine.errors import UnsupportedModel

FAMILY = ("llama", "qwen2", "qwen3", "mistral")
STATIC_ROTATIONS = ("default", "linear", "llama3", "yarn")
DTYPES = (torch.float32, torch.bfloat16)
ALIGNMENT = 64  # bytes of a cache line
LANES = 16


def why_not(model: Any) -> str:
    """Why the compiled step cannot run a model; empty if it can."""
    config = model.config
    rotation = (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    checks = {
        f"a {config.model_type} model is not of the Llama family": config.model_type in FAMILY,
        f"{model.dtype} is not float32 or bfloat16": model.dtype in DTYPES,
        f"it runs on {model.device.type}": model.device.type == "cpu",
        "its activation is not SiLU": getattr(config, "hidden_act", "") == "silu",
        f"its rotation is of the kind {rotation}": rotation in STATIC_ROTATIONS,
    }
    return next((reason for reason, is_met in checks.items() if not is_met), "")


@dataclass
class Packed:
    """The structures that step.cpp reads, and the tensors that keep their memory alive."""

    library: ctypes.CDLL
    model: Model
    layers: Any
    kept: list[Tensor]


class Packer:
    """Packs one model, which may be thrown away afterwards."""

    def __init__(self, library: ctypes.CDLL, model: Any, positions: int, threads: int) -> None:
        self._library = library
        self._model = model
        self._positions = positions  # how many the rotation is made for
        self._threads = threads
        self._kept: list[Tensor] = []
        self._is_half = int(model.dtype == torch.bfloat16)

    def pack(self) -> Packed:
        """Everything at its place; the memory of keys and values is still missing."""
        inner, config = self._model.model, self._model.config
        attention = inner.layers[0].self_attn
        heads, key_heads = config.num_attention_heads, config.num_key_value_heads
        width = int(attention.head_dim)
        kinds = getattr(config, "layer_types", None)
        span = windows(config)
        layers = (Layer * config.num_hidden_layers)()
        cosines, sines = self._rotation(width)
        is_tied = self._model.lm_head.weight is inner.embed_tokens.weight
        packed = Model(
            layers=config.num_hidden_layers,
            width=config.hidden_size,
            heads=heads,
            key_heads=key_heads,
            head_width=width,
            inner=config.intermediate_size,
            vocabulary=config.vocab_size,
            is_half=self._is_half,
            is_tied=int(is_tied),
            threads=self._threads,
            epsilon=config.rms_norm_eps,
            scale=float(attention.scaling),
            cosines=self._keep(cosines),
            sines=self._keep(sines),
            embedding=None if is_tied else self._keep(inner.embed_tokens.weight),
            norm=self._floats(inner.norm.weight),
            head=self._matrix([self._model.lm_head]),
            layer=ctypes.cast(layers, ctypes.POINTER(Layer)),
        )
        for place, layer in enumerate(inner.layers):
            kind = kinds[place] if kinds else next(iter(span))
            self._pack_layer(layers[place], layer, span[kind] or 0)
        return Packed(self._library, packed, layers, self._kept)

    def _pack_layer(self, to: Layer, layer: Any, window: int) -> None:
        attention, gated = layer.self_attn, layer.mlp
        to.before = self._floats(layer.input_layernorm.weight)
        to.after = self._floats(layer.post_attention_layernorm.weight)
        if hasattr(attention, "q_norm"):
            to.query = self._floats(attention.q_norm.weight)
            to.key = self._floats(attention.k_norm.weight)
        to.qkv = self._matrix([attention.q_proj, attention.k_proj, attention.v_proj])
        to.out = self._matrix([attention.o_proj])
        to.gate = self._gated(gated.gate_proj, gated.up_proj)
        to.down = self._matrix([gated.down_proj])
        to.window = window

    def _matrix(self, parts: list[Any]) -> Matrix:
        """The weights of linear layers below each other, packed, with their biases."""
        weights = torch.cat([part.weight.detach() for part in parts])
        bias = torch.cat([_bias(part) for part in parts]) if _has_bias(parts) else None
        return self._packed(weights, bias)

    def _gated(self, gate: Any, up: Any) -> Matrix:
        """Sixteen gates, then the sixteen values they belong to, and so on."""
        weights = interleaved(gate.weight.detach(), up.weight.detach())
        parts = [gate, up]
        bias = interleaved(_bias(gate), _bias(up)) if _has_bias(parts) else None
        return self._packed(weights, bias)

    def _packed(self, weights: Tensor, bias: Tensor | None) -> Matrix:
        weights = weights.contiguous()
        outputs, inputs = weights.shape
        size = self._library.packed_size(outputs, inputs, self._is_half)
        target = torch.empty(size + ALIGNMENT, dtype=torch.uint8)
        address = target.data_ptr() + -target.data_ptr() % ALIGNMENT
        self._library.pack_matrix(weights.data_ptr(), outputs, inputs, self._is_half, address)
        self._kept.append(target)
        return Matrix(address, None if bias is None else self._keep(bias), outputs, inputs)

    def _rotation(self, width: int) -> tuple[Tensor, Tensor]:
        """Cosines and sines of every position, (positions, width / 2), as the model makes them."""
        rotary = self._model.model.rotary_emb
        places = torch.arange(self._positions)[None]
        cosines, sines = rotary(torch.zeros(1, dtype=torch.float32), places)
        if cosines.shape[-1] != width:
            raise UnsupportedModel("Only a part of each head is rotated.")
        half = width // 2
        return cosines[0, :, :half].contiguous(), sines[0, :, :half].contiguous()

    def _floats(self, weights: Tensor) -> int:
        return self._keep(weights.detach().float())

    def _keep(self, tensor: Tensor) -> int:
        """The address of a tensor that stays."""
        tensor = tensor.detach().contiguous()
        self._kept.append(tensor)
        return tensor.data_ptr()


def interleaved(gates: Tensor, values: Tensor) -> Tensor:
    """Rows of two matrices in turns of sixteen; zeros fill up the last turn."""
    shape = (-1, LANES, *gates.shape[1:])
    filled = [
        torch.cat([one, one.new_zeros(-len(one) % LANES, *one.shape[1:])]).view(shape)
        for one in (gates, values)
    ]
    return torch.stack(filled, dim=1).flatten(0, 2)


def _has_bias(parts: list[Any]) -> bool:
    return any(part.bias is not None for part in parts)


def _bias(part: Any) -> Tensor:
    """The bias of a linear layer in float32, zeros if it has none."""
    if part.bias is None:
        return torch.zeros(part.out_features)
    bias: Tensor = part.bias.detach().float()
    return bias
