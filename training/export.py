"""Makes the folder the product ships from a finished training: `python -m training.export`."""

import argparse
import hashlib
import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from transformers import GenerationConfig

from training import card
from training.evaluate import BUNDLE, examine, table
from training.model import Shape, build
from training.tokenizer import BOS, END, PAD, SPECIAL_TOKENS
from training.train import OUT

MANIFEST = "MANIFEST.sha256"
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja")
DEFAULT_TEMPERATURE = 0.3


def write_model(out: Path, bundle: Path) -> None:
    """Weights in bfloat16, configuration and tokenizer; nothing in them can run code."""
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    weights = load_file(out / "weights.safetensors")
    vocabulary = weights["model.embed_tokens.weight"].shape[0]
    config = build(Shape(**run["shape"]), vocabulary, seed=0).config
    config.architectures, config.dtype = ["LlamaForCausalLM"], torch.bfloat16
    bundle.mkdir(parents=True, exist_ok=True)
    config.save_pretrained(bundle)
    ids = {token: i for i, token in enumerate(SPECIAL_TOKENS)}
    GenerationConfig(
        bos_token_id=ids[BOS],
        eos_token_id=ids[END],
        pad_token_id=ids[PAD],
        do_sample=True,
        temperature=DEFAULT_TEMPERATURE,
    ).save_pretrained(bundle)
    rounded = {name: w.to(torch.bfloat16).contiguous() for name, w in weights.items()}
    save_file(rounded, bundle / "model.safetensors", metadata={"format": "pt"})
    for name in TOKENIZER_FILES:
        shutil.copyfile(out / "tokenizer" / name, bundle / name)


def manifest(bundle: Path) -> str:
    """One line for each file, as `sha256sum --check` reads them."""
    paths = sorted(p for p in bundle.iterdir() if p.is_file() and p.name != MANIFEST)
    return "".join(f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in paths)


def main() -> None:
    """Write the bundle, examine it, write its card, seal it with a manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="the folder of the training")
    parser.add_argument("--bundle", type=Path, default=BUNDLE)
    wanted = parser.parse_args()
    torch.set_num_threads(2)
    write_model(wanted.out, wanted.bundle)
    report = examine(wanted.bundle)
    run = json.loads((wanted.out / "run.json").read_text(encoding="utf-8"))
    (wanted.bundle / "MODEL_CARD.md").write_text(card.text(report, run), encoding="utf-8")
    (wanted.bundle / MANIFEST).write_text(manifest(wanted.bundle), encoding="utf-8")
    print(table(report))


if __name__ == "__main__":
    main()
