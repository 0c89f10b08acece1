"""A random model of the measured shape, as safetensors and as GGUF with the same weights."""

import json
from pathlib import Path
from typing import Any

SHAPES = {
    "m20": {
        **{"hidden_size": 384, "num_hidden_layers": 8, "intermediate_size": 1152},
        **{"num_attention_heads": 6, "num_key_value_heads": 2, "vocab_size": 8192},
    },
    "m100": {
        **{"hidden_size": 768, "num_hidden_layers": 12, "intermediate_size": 2048},
        **{"num_attention_heads": 12, "num_key_value_heads": 4, "vocab_size": 16384},
    },
}
CONTEXT = 512


def write(name: str, folder: Path) -> Path:
    """A checkpoint with a tokenizer of numbered words; its GGUF lies beside it as model.gguf."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(20)
    config = LlamaConfig(
        **SHAPES[name],
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=False,
        rms_norm_eps=1e-6,
        bos_token_id=0,
        eos_token_id=1,
    )
    model = LlamaForCausalLM(config).to(torch.bfloat16).eval()
    model.save_pretrained(folder)
    _tokenizer(config.vocab_size).save_pretrained(folder)
    _write_gguf(model, config, folder / "model.gguf")
    _write_gguf(model, config, folder / "model-f16.gguf", is_f16=True)
    return folder


def _tokenizer(size: int) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["<s>", "</s>", *alphabet]
    names += [f"w{number}" for number in range(size - len(names))]
    core = Tokenizer(models.BPE(vocab={name: i for i, name in enumerate(names)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=core, bos_token="<s>", eos_token="</s>")


def _write_gguf(model: Any, config: Any, path: Path, is_f16: bool = False) -> None:
    import gguf
    import numpy as np
    import torch

    writer = gguf.GGUFWriter(str(path), "llama")
    width = config.hidden_size // config.num_attention_heads
    writer.add_name(path.parent.name)
    writer.add_file_type(
        gguf.LlamaFileType.MOSTLY_F16 if is_f16 else gguf.LlamaFileType.MOSTLY_BF16
    )
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(width)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    words = json.loads(_tokenizer(config.vocab_size).backend_tokenizer.to_str())["model"]["vocab"]
    names = sorted(words, key=lambda word: int(words[word]))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(names)
    writer.add_token_types([3, 3] + [1] * (len(names) - 2))
    writer.add_token_merges(["w 0"])  # llama.cpp wants at least one
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(False)
    writer.add_chat_template("{{ messages[0]['content'] }}")
    writer.add_pad_token_id(1)

    def add(name: str, tensor: Any) -> None:
        if tensor.dim() == 1:
            writer.add_tensor(name, tensor.detach().float().numpy())
            return
        if is_f16:
            writer.add_tensor(name, tensor.detach().to(torch.float16).contiguous().numpy())
            return
        raw = tensor.detach().contiguous().view(torch.uint8).numpy()
        writer.add_tensor(name, raw, raw_dtype=gguf.GGMLQuantizationType.BF16)

    def turned(weight: Any, heads: int) -> Any:
        """llama.cpp rotates neighbouring dimensions, transformers the halves of a head."""
        split = weight.view(heads, 2, width // 2, weight.shape[1])
        return split.swapaxes(1, 2).reshape(weight.shape)

    assert np.little_endian
    add("token_embd.weight", model.model.embed_tokens.weight)
    add("output_norm.weight", model.model.norm.weight)
    add("output.weight", model.lm_head.weight)
    for number, layer in enumerate(model.model.layers):
        at, block = f"blk.{number}.", layer.self_attn
        add(at + "attn_norm.weight", layer.input_layernorm.weight)
        add(at + "ffn_norm.weight", layer.post_attention_layernorm.weight)
        add(at + "attn_q.weight", turned(block.q_proj.weight, config.num_attention_heads))
        add(at + "attn_k.weight", turned(block.k_proj.weight, config.num_key_value_heads))
        add(at + "attn_v.weight", block.v_proj.weight)
        add(at + "attn_output.weight", block.o_proj.weight)
        for ours, theirs in (("gate_proj", "gate"), ("up_proj", "up"), ("down_proj", "down")):
            add(f"{at}ffn_{theirs}.weight", getattr(layer.mlp, ours).weight)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
