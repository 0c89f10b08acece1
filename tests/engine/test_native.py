"""The compiled step: the model's own numbers, the same bits however the work is cut."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM

from inference.engine.backends.native.compiler import Compilation, compilation
from inference.engine.backends.native.forward import NativeForward
from inference.engine.backends.native.library import load_library
from inference.engine.backends.native.packing import Packer
from inference.engine.engine import Engine
from inference.engine.errors import UnsupportedModel
from inference.engine.loading import ModelSpec, load
from tests.engine.asking import ask, read
from tests.engine.test_crowds import alone, in_a_crowd, questions, said

FAMILY = ["llama", "llama-odd", "qwen2", "qwen2-sliding", "qwen3", "mistral"]
LENGTH = 70


def forward_of(model: nn.Module, threads: int = 1, slots: int = 4) -> NativeForward:
    library = compilation().result()
    assert library is not None, compilation().why_not()
    packed = Packer(load_library(library), model, 192, threads).pack()
    return NativeForward(packed, slots, 160)


def plainly(model: nn.Module, tokens: list[int]) -> torch.Tensor:
    with torch.inference_mode():
        return model(torch.tensor([tokens])).logits[0].float()


def some_tokens(vocabulary: int = 360) -> list[int]:
    return [(place + 3) * 7919 % vocabulary for place in range(LENGTH)]


@pytest.mark.parametrize("architecture", FAMILY)
def test_its_logits_are_those_of_the_model(architecture: str, checkpoint: Callable) -> None:
    model = AutoModelForCausalLM.from_pretrained(checkpoint(architecture)).eval()
    expected = plainly(model, some_tokens())
    found = forward_of(model).prefill(2, some_tokens(), 0, keep=LENGTH)
    assert (found - expected).abs().max() < 1e-4 * expected.std()


def test_biases_odd_sizes_and_tied_embeddings_are_right() -> None:
    torch.manual_seed(1)
    config = LlamaConfig(
        **{"vocab_size": 77, "hidden_size": 50, "intermediate_size": 37, "head_dim": 14},
        **{"num_hidden_layers": 2, "num_attention_heads": 10, "num_key_value_heads": 2},
        **{"attention_bias": True, "mlp_bias": True, "tie_word_embeddings": True},
    )
    model = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        for weights in model.parameters():
            weights.copy_(torch.randn_like(weights) * 0.3)
    expected = plainly(model, some_tokens(77))
    found = forward_of(model).prefill(0, some_tokens(77), 0, keep=LENGTH)
    assert (found - expected).abs().max() < 1e-4 * expected.std()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_row_has_the_same_bits_however_the_work_is_cut(
    dtype: torch.dtype, threads: int, checkpoint: Callable
) -> None:
    model = AutoModelForCausalLM.from_pretrained(checkpoint("qwen3"), dtype=dtype).eval()
    forward, tokens = forward_of(model, threads, slots=40), some_tokens()
    whole = forward.prefill(0, tokens, 0, keep=LENGTH)
    for size in (1, 2, 5, 17):
        cut = [
            forward.prefill(1, tokens[start : start + size], start, keep=len(tokens[start:][:size]))
            for start in range(0, LENGTH, size)
        ]
        assert torch.equal(torch.cat(cut), whole)
    crowd = 2
    for place, token in enumerate(tokens):
        slots = list(range(crowd, crowd + 1 + place % 37))
        if crowd + 19 not in slots:
            slots.append(crowd + 19)
        lengths = [place if slot == crowd + 19 else slot % 7 for slot in slots]
        written = [token if slot == crowd + 19 else slot for slot in slots]
        logits = forward.decode(slots, written, lengths)
        assert torch.equal(logits[slots.index(crowd + 19)], whole[place])


def test_what_is_saved_and_restored_elsewhere_continues_in_the_same_way(
    checkpoint: Callable,
) -> None:
    model = AutoModelForCausalLM.from_pretrained(checkpoint("llama")).eval()
    forward, tokens = forward_of(model), some_tokens()
    whole = forward.prefill(0, tokens, 0, keep=6)
    forward.restore(3, 0, forward.save(0, 0, 64))
    assert torch.equal(forward.prefill(3, tokens[64:], 64, keep=6), whole)


def test_in_bfloat16_too_a_crowd_changes_nothing(checkpoint: Callable) -> None:
    spec = ModelSpec(str(checkpoint("llama")), dtype="bfloat16", forward="native")
    asked = questions(20)
    loaded = load(spec, threads=1)
    assert said(in_a_crowd(loaded, asked, slots=8)) == said(alone(loaded, asked, slots=8))


def test_a_model_of_another_family_takes_the_plain_way_and_says_why(
    checkpoint: Callable, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        loaded = load(ModelSpec(str(checkpoint("gpt2"))), threads=1)
    assert loaded.forward == "plain"
    assert "a gpt2 model is not of the Llama family" in caplog.text
    with pytest.raises(UnsupportedModel, match="not of the Llama family"):
        load(ModelSpec(str(checkpoint("gpt2")), forward="native"), threads=1)
    with pytest.raises(UnsupportedModel, match="forward is one of auto, native, plain"):
        load(ModelSpec(str(checkpoint("gpt2")), forward="fast"), threads=1)


def test_the_llama_family_takes_the_compiled_step_by_itself(checkpoint: Callable) -> None:
    assert compilation().result() is not None
    loaded = load(ModelSpec(str(checkpoint("llama"))), threads=1)
    assert loaded.forward == "native"
    with Engine(loaded, slots=2) as engine:
        assert len(read(ask(engine, "Fox?", max_tokens=5)).ids) == 5


def test_without_a_compiler_the_reason_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    making = Compilation(tmp_path)
    making.start()
    assert making.result() is None
    assert "no C++ compiler" in making.why_not()


def test_a_compiler_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "bin" / "c++"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:/usr/bin:/bin")
    making = Compilation(tmp_path / "kept")
    making.start()
    assert making.result() is None
    assert "could not be compiled" in making.why_not()
    assert not list((tmp_path / "kept").iterdir())


def test_a_folder_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    making = Compilation(tmp_path)
    making.start()
    assert making.result() is None
