"""Small random checkpoints of five architectures, made on the spot."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

SENTENCES = [
    "The quick brown fox jumps over the lazy dog.",
    "A prompt is the text that a model reads before it writes.",
    "Temperature spreads the probabilities of the next token.",
    "Größe, naïve café, 😀 and 東京 are whole characters.",
]
VOCABULARY = 360
CONTEXT = 160
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SHAPE = {
    "vocab_size": VOCABULARY,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 112,
    "max_position_embeddings": CONTEXT,
    "bos_token_id": None,
    "eos_token_id": 1,
    "pad_token_id": None,
}
ODD = {"hidden_size": 60, "num_attention_heads": 3, "num_key_value_heads": 1, "head_dim": 20}


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE trained on a few sentences, with the chat tokens of Qwen."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 10,
        special_tokens=["<|im_start|>", "<|im_end|>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    core.train_from_iterator(SENTENCES, trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", "</s>"],
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def sentencepiece_tokenizer() -> PreTrainedTokenizerFast:
    """Words begin with a lower block and rare characters fall back to bytes, as in Llama 2."""
    core = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    core.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<unk>", "<s>", "</s>"],
        limit_alphabet=40,
        show_progress=False,
    )
    core.train_from_iterator(SENTENCES, trainer)
    # The bytes are ordinary entries of the vocabulary, which a trainer does not add.
    described = json.loads(core.to_str())
    words = described["model"]["vocab"]
    words |= {f"<0x{byte:02X}>": len(words) + byte for byte in range(256)}
    core = Tokenizer.from_str(json.dumps(described))
    return PreTrainedTokenizerFast(tokenizer_object=core, eos_token="</s>", unk_token="<unk>")


def gpt2() -> Any:
    return GPT2LMHeadModel(
        GPT2Config(
            vocab_size=VOCABULARY,
            n_embd=64,
            n_layer=2,
            n_head=4,
            n_positions=CONTEXT,
            bos_token_id=1,
            eos_token_id=1,
        )
    )


BUILDERS = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE)),
    # Three query heads to a key: odd groups are where attention kernels round differently.
    "llama-odd": lambda: LlamaForCausalLM(LlamaConfig(**SHAPE | ODD)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(**SHAPE, use_sliding_window=False)),
    "qwen2-sliding": lambda: Qwen2ForCausalLM(
        Qwen2Config(**SHAPE, use_sliding_window=True, sliding_window=16, max_window_layers=1)
    ),
    "qwen3": lambda: Qwen3ForCausalLM(Qwen3Config(**SHAPE, head_dim=16)),
    "mistral": lambda: MistralForCausalLM(MistralConfig(**SHAPE, sliding_window=16)),
    "gpt2": gpt2,
}


def save(architecture: str, folder: Path, spread: float = 10.0, poison: str = "") -> Path:
    """Write a random checkpoint; its last layer is scaled so that the answers vary.

    A model with `poison` computes no finite numbers once it has read this token.
    """
    torch.manual_seed(len(architecture))
    model = BUILDERS[architecture]().eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.mul_(spread)
    tokenizer = byte_level_tokenizer()
    if poison:
        with torch.no_grad():
            model.get_input_embeddings().weight[tokenizer.encode(poison)] = torch.nan
    model.generation_config.eos_token_id = 1
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
