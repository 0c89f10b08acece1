"""A checkpoint is loaded whole and without running anything that came with it, or refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, MambaConfig, MambaForCausalLM

from inference.engine.backends import fit
from inference.engine.errors import (
    BrokenCheckpoint,
    CheckpointError,
    CheckpointNotFound,
    UnsafeCheckpoint,
    UnsupportedModel,
)
from inference.engine.loading import ModelSpec, load
from tests.engine.checkpoints import CONTEXT, byte_level_tokenizer


@pytest.fixture
def folder(checkpoint: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of a good checkpoint, to be spoiled."""
    return Path(shutil.copytree(checkpoint("llama"), tmp_path / "model"))


def edit(file: Path, **changes: Any) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def refused(folder: Path, error: type[CheckpointError], words: str, **spec: Any) -> None:
    with pytest.raises(error, match=words) as caught:
        load(ModelSpec(str(folder), **spec), threads=1)
    assert str(caught.value).endswith(".")


def test_a_good_checkpoint_says_what_it_is(folder: Path) -> None:
    loaded = load(ModelSpec(str(folder)), threads=1)
    weights = load_file(folder / "model.safetensors")
    assert loaded.name == "model"
    assert loaded.parameters == sum(tensor.numel() for tensor in weights.values())
    assert (loaded.context, loaded.dtype, loaded.device) == (CONTEXT, "float32", "cpu")
    assert len(loaded.revision) == 12
    known = ModelSpec(str(folder), revision=loaded.revision[:8], context=50)
    assert load(known, threads=1).context == 50


def test_pickled_weights_are_refused(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    refused(folder, UnsafeCheckpoint, "pickle")


@pytest.mark.parametrize("name", ["config.json", "tokenizer_config.json", "generation_config.json"])
def test_foreign_code_is_refused(name: str, folder: Path) -> None:
    edit(folder / name, auto_map={"AutoModelForCausalLM": "evil.Model"})
    refused(folder, UnsafeCheckpoint, "auto_map")


def test_foreign_code_is_found_where_it_is_nested(folder: Path) -> None:
    edit(folder / "config.json", parts=[{"text_config": {"auto_map": {}}}])
    refused(folder, UnsafeCheckpoint, "auto_map")


def test_an_attention_named_by_the_checkpoint_is_refused(folder: Path) -> None:
    edit(folder / "config.json", _attn_implementation_internal="evil/kernel")
    refused(folder, UnsafeCheckpoint, "_attn_implementation_internal")


def test_a_folder_that_is_not_there_is_named() -> None:
    refused(Path("/no/such/folder"), CheckpointNotFound, "/no/such/folder")
    with pytest.raises(CheckpointNotFound, match="neither a folder nor a hub id"):
        load(ModelSpec("no such model"))


def test_a_folder_without_settings_is_no_checkpoint(folder: Path) -> None:
    (folder / "config.json").unlink()
    refused(folder, CheckpointNotFound, "no config.json")


def test_a_folder_without_weights_is_broken(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    refused(folder, BrokenCheckpoint, "no weights")


@pytest.mark.parametrize("rest", [0, 5, 1000, -100])
def test_truncated_weights_are_refused(rest: int, folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:rest])
    refused(folder, BrokenCheckpoint, "incomplete")


def test_a_missing_shard_is_refused(folder: Path) -> None:
    index = {"weight_map": {"a": "model.safetensors", "b": "model-2.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    refused(folder, BrokenCheckpoint, "model-2.safetensors is missing")


def test_weights_that_lack_a_layer_are_refused(folder: Path) -> None:
    file = folder / "model.safetensors"
    weights = load_file(file)
    weights.pop("model.layers.1.mlp.up_proj.weight")
    save_file(weights, file, metadata={"format": "pt"})
    refused(folder, BrokenCheckpoint, "lack model.layers.1.mlp.up_proj.weight")


def test_weights_of_another_shape_are_refused(folder: Path) -> None:
    edit(folder / "config.json", intermediate_size=100)
    with pytest.raises(CheckpointError):
        load(ModelSpec(str(folder)), threads=1)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_settings_that_are_cut_off_are_refused(name: str, folder: Path) -> None:
    (folder / name).write_text((folder / name).read_text()[:-20])
    refused(folder, BrokenCheckpoint, f"{name} is no valid JSON")


def test_one_flipped_bit_is_noticed_when_the_revision_is_known(folder: Path) -> None:
    known = load(ModelSpec(str(folder)), threads=1).revision
    file = folder / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-7] ^= 1
    file.write_bytes(content)
    refused(folder, BrokenCheckpoint, f"not {known}", revision=known)


def test_an_unknown_architecture_or_dtype_is_refused(folder: Path) -> None:
    refused(folder, UnsupportedModel, "float8", dtype="float8")
    edit(folder / "config.json", model_type="perceptron-9000")
    refused(folder, UnsupportedModel, "perceptron-9000")


def test_a_model_without_attention_is_refused_in_words(tmp_path: Path) -> None:
    config = MambaConfig(vocab_size=360, hidden_size=32, num_hidden_layers=1, state_size=4)
    MambaForCausalLM(config).save_pretrained(tmp_path)
    byte_level_tokenizer().save_pretrained(tmp_path)
    refused(tmp_path, UnsupportedModel, "Mamba")


def test_a_model_that_computes_something_else_in_slots_is_refused(
    checkpoint: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = fit._in_slots
    model = AutoModelForCausalLM.from_pretrained(checkpoint("llama"), attn_implementation="sdpa")
    fit.check_fit(model)
    model.set_attn_implementation("sdpa")
    monkeypatch.setattr(fit, "_in_slots", lambda model: found(model).roll(1, 0))
    with pytest.raises(UnsupportedModel, match="answers would be wrong"):
        fit.check_fit(model)


def test_the_engine_and_its_messages_need_no_torch() -> None:
    names = ["sequence", "scheduler", "engine", "answer", "scripted", "errors", "runner", "model"]
    code = "import sys\n" + "\n".join(f"import inference.engine.{name}" for name in names)
    code += "\nprint(sorted({'torch', 'transformers', 'django', 'celery'} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        check=True,
    )
    assert done.stdout.strip() == "[]"
