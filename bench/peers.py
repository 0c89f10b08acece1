"""One engine in a process of its own: reads how many streams from standard input, writes numbers.

python -m bench.peers ENGINE FOLDER THREADS; a line `8` starts 8 streams, the answer is one line of
JSON with tokens per second and the median seconds to the first token.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROMPT, LENGTH = 64, 128
Round = Callable[[int], list[float]]
"""Runs so many streams to their end; the seconds until the first token of each."""


def prompts(count: int) -> list[list[int]]:
    return [[(31 * at + 7 * number) % 8000 + 2 for at in range(PROMPT)] for number in range(count)]


class Numbers:
    """A tokenizer whose texts are numbers, so that every engine reads the same ids."""

    ends: frozenset[int] = frozenset()

    def __init__(self, piece: Callable[[int], str]) -> None:
        self.piece = piece

    def encode(self, messages) -> list[int]:
        return [int(word) for word in messages[0].content.split()]

    def detokenizer(self):
        return self

    is_inside_character = False

    def push(self, token: int) -> str:
        return "x"

    def flush(self) -> str:
        return ""


def ours(folder: Path, threads: int, dtype: str, forward: str, alternatives: int = 0) -> Round:
    from dataclasses import replace

    from inference.engine.engine import Engine
    from inference.engine.loading import ModelSpec, load
    from inference.engine.sequence import Message, Request, SamplingSettings

    loaded = load(ModelSpec(str(folder), dtype=dtype, forward=forward), threads)
    loaded = replace(loaded, tokenizer=Numbers(loaded.tokenizer.piece))
    engine = Engine(loaded, slots=32)
    engine.start()
    settings = SamplingSettings(
        temperature=0, max_tokens=LENGTH, top_logprobs=alternatives, ignore_eos=True
    )

    def run(count: int) -> list[float]:
        answers = [
            engine.ask(Request("r", (Message("user", " ".join(map(str, one))),), settings, 600))
            for one in prompts(count)
        ]
        for answer in answers:
            for _ in answer:
                pass
            assert answer.ended.usage.completion_tokens == LENGTH
        return [answer.ended.timings.first_token_s for answer in answers]

    return run


def llama(folder: Path, threads: int) -> Round:
    import ctypes

    import llama_cpp as lib
    import numpy as np

    quiet = lib.llama_log_callback(lambda *_: None)
    lib.llama_log_set(quiet, ctypes.c_void_p(0))
    llama.quiet = quiet  # it must stay alive
    lib.llama_backend_init()
    model = lib.llama_model_load_from_file(
        str(folder / "model.gguf").encode(), lib.llama_model_default_params()
    )
    params = lib.llama_context_default_params()
    params.n_ctx, params.n_batch, params.n_ubatch = 32 * 256, 2048, 512
    params.n_seq_max, params.n_threads, params.n_threads_batch = 32, threads, threads
    params.kv_unified = False
    context = lib.llama_init_from_model(model, params)
    vocabulary = lib.llama_vocab_n_tokens(lib.llama_model_get_vocab(model))
    batch = lib.llama_batch_init(2048, 0, 1)

    def add(token: int, position: int, sequence: int, wanted: bool) -> None:
        at = batch.n_tokens
        batch.token[at], batch.pos[at] = token, position
        batch.n_seq_id[at], batch.seq_id[at][0] = 1, sequence
        batch.logits[at] = wanted
        batch.n_tokens += 1

    def best(place: int) -> int:
        logits = lib.llama_get_logits_ith(context, place)
        return int(np.ctypeslib.as_array(logits, shape=(vocabulary,)).argmax())

    def run(count: int) -> list[float]:
        lib.llama_memory_clear(lib.llama_get_memory(context), True)
        start = time.perf_counter()
        newest, firsts = [0] * count, [0.0] * count
        asked = prompts(count)
        for group in range(0, count, 8):
            batch.n_tokens = 0
            places = {}
            for number in range(group, min(count, group + 8)):
                for position, token in enumerate(asked[number]):
                    add(token, position, number, position == PROMPT - 1)
                places[number] = batch.n_tokens - 1
            assert lib.llama_decode(context, batch) == 0
            for number, place in places.items():
                newest[number] = best(place)
                firsts[number] = time.perf_counter() - start
        for step in range(LENGTH - 1):
            batch.n_tokens = 0
            for number in range(count):
                add(newest[number], PROMPT + step, number, True)
            assert lib.llama_decode(context, batch) == 0
            newest = [best(number) for number in range(count)]
        return firsts

    return run


def openvino(folder: Path, threads: int) -> Round:
    import openvino_genai as genai

    scheduler = genai.SchedulerConfig()
    scheduler.cache_size = 1
    scheduler.max_num_seqs = 32
    pipeline = genai.ContinuousBatchingPipeline(
        str(folder / "model-f16.gguf"),
        scheduler,
        "CPU",
        {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "bf16"},
    )
    config = genai.GenerationConfig()
    config.max_new_tokens, config.ignore_eos, config.do_sample = LENGTH, True, False

    def run(count: int) -> list[float]:
        import numpy as np
        import openvino

        start = time.perf_counter()
        handles = [
            pipeline.add_request(number, openvino.Tensor(np.array([one], dtype=np.int64)), config)
            for number, one in enumerate(prompts(count))
        ]
        firsts: dict[int, float] = {}
        while pipeline.has_non_finished_requests():
            pipeline.step()
            for number, handle in enumerate(handles):
                if handle.can_read():
                    handle.read()
                    firsts.setdefault(number, time.perf_counter() - start)
        return list(firsts.values())

    return run


def transformers_model(folder: Path, threads: int):
    import torch
    from transformers import AutoModelForCausalLM

    torch.set_num_threads(threads)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).eval()


def generate(folder: Path, threads: int) -> Round:
    """A batch that starts and ends together."""
    import torch

    model = transformers_model(folder, threads)

    def run(count: int) -> list[float]:
        ids = torch.tensor(prompts(count))
        start, first = time.perf_counter(), []

        class Watch:
            def put(self, value) -> None:
                first.append(time.perf_counter() - start)

            def end(self) -> None:
                pass

        model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=LENGTH,
            min_new_tokens=LENGTH,
            do_sample=False,
            pad_token_id=0,
            streamer=Watch() if count == 1 else None,
        )
        return [first[1] if count == 1 else float("nan")] * count

    return run


def continuous(folder: Path, threads: int) -> Round:
    """transformers' own continuous batching."""
    from transformers import ContinuousBatchingConfig, GenerationConfig

    model = transformers_model(folder, threads)
    model.set_attn_implementation("sdpa")
    manager = model.init_continuous_batching(
        GenerationConfig(max_new_tokens=LENGTH, do_sample=False, eos_token_id=-1, pad_token_id=0),
        ContinuousBatchingConfig(num_blocks=64, max_batch_tokens=2048),
    )
    manager.start()
    made = [0]

    def run(count: int) -> list[float]:
        start, firsts, left = time.perf_counter(), {}, set()
        for one in prompts(count):
            made[0] += 1
            name = f"r{made[0]}"
            left.add(name)
            manager.add_request(one, request_id=name, max_new_tokens=LENGTH, streaming=True)
        while left:
            result = manager.get_result(timeout=1)
            if result is None:
                continue
            firsts.setdefault(result.request_id, time.perf_counter() - start)
            if result.is_finished():
                left.discard(result.request_id)
        return list(firsts.values())

    return run


ENGINES: dict[str, Callable[[Path, int], Round]] = {
    "ours bf16": lambda folder, threads: ours(folder, threads, "bfloat16", "native"),
    "ours bf16 top5": lambda folder, threads: ours(folder, threads, "bfloat16", "native", 5),
    "ours fp32": lambda folder, threads: ours(folder, threads, "float32", "native"),
    "ours plain bf16": lambda folder, threads: ours(folder, threads, "bfloat16", "plain"),
    "llama.cpp bf16": llama,
    "openvino-genai": openvino,
    "continuous batching": continuous,
    "generate": generate,
}


def main() -> None:
    name, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    run = ENGINES[name](folder, threads)
    run(2)  # warm-up
    print("ready", flush=True)
    for line in sys.stdin:
        count = int(line)
        start = time.perf_counter()
        firsts = run(count)
        seconds = time.perf_counter() - start
        rate = count * LENGTH / seconds
        print(json.dumps({"rate": rate, "first": statistics.median(firsts)}), flush=True)


if __name__ == "__main__":
    main()
