"""A model that never ends by itself: random weights, real tokenizer, made on the spot, not fast.

Tests of stopping, reloading and crashing need an answer that is surely long and not too fast. What
the embedded model says changes with every training; this one writes word salad until its limit.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = """\
default = "embedded"

[models.embedded]
name = "Guide, embedded"
source = "{root}/inference/bundled"
context = 1024

[models.babbler]
name = "Babbler"
about = "Random weights: it writes word salad and never ends by itself."
source = "{folder}"
forward = "plain"
context = 1024
"""


def make_babbler(folder: Path) -> Path:
    """Writes a 7-million-parameter checkpoint without an end token into the folder."""
    import torch
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(ROOT / "inference/bundled", local_files_only=True)
    vocabulary = len(tokenizer)
    tokenizer.eos_token = None
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=256,
        intermediate_size=704,
        num_hidden_layers=8,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def write_catalogue(folder: Path) -> Path:
    """A models.toml with the embedded model and the babbler; returns its path."""
    babbler = make_babbler(folder / "babbler")
    path = folder / "models.toml"
    path.write_text(CATALOGUE.format(root=ROOT, folder=babbler), encoding="utf-8")
    return path
