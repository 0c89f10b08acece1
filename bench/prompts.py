"""Measures the reading of prompts: a shared beginning, and a long prompt beside readers who write.

python -m bench.prompts
"""

import statistics
import tempfile
import threading
import time
from pathlib import Path

from bench.models import write
from bench.peers import Numbers
from bench.table import Row, at_least, at_most, report

SHARED, OWN = 416, 16
ROUNDS = 15
WRITERS = 4


def main() -> None:
    from dataclasses import replace

    from inference.engine.engine import Engine
    from inference.engine.loading import ModelSpec, load

    with tempfile.TemporaryDirectory() as made:
        folder = write("m20", Path(made) / "m20")
        loaded = load(ModelSpec(str(folder), dtype="bfloat16"), 2)
        loaded = replace(loaded, tokenizer=Numbers(loaded.tokenizer.piece))
        with Engine(loaded, slots=8) as engine:
            report("Prompts", [*shared_beginning(engine), *long_prompt_beside_writers(engine)])


def ask(engine, tokens: list[int], length: int):
    from inference.engine.sequence import Message, Request, SamplingSettings

    settings = SamplingSettings(temperature=0, max_tokens=length, ignore_eos=True)
    return engine.ask(Request("r", (Message("user", " ".join(map(str, tokens))),), settings))


def shared_beginning(engine) -> list[Row]:
    """Seconds of prefill for a prompt never seen, and for one whose beginning was read before."""

    def prefill(beginning: int, own: int):
        tokens = [2 + (7 * at + beginning * 131) % 8000 for at in range(SHARED)]
        answer = ask(engine, tokens + [2 + (own * 17 + at) % 8000 for at in range(OWN)], 4)
        for _ in answer:
            pass
        return answer.ended

    prefill(0, 0)
    cold = [prefill(number, number) for number in range(1, ROUNDS + 1)]
    prefill(900, 0)
    warm = [prefill(900, number) for number in range(1, ROUNDS + 1)]
    assert all(one.usage.cached_tokens == 0 for one in cold), [one.usage for one in cold]
    assert all(one.usage.cached_tokens > 0 for one in warm), [one.usage for one in warm]
    cold_s, warm_s = (
        statistics.median(one.timings.first_token_s for one in ended) for ended in (cold, warm)
    )
    return [
        Row(f"first token after {SHARED + OWN} tokens, cold", cold_s * 1000, "ms"),
        Row("the same, its beginning read before", warm_s * 1000, "ms"),
        at_least("cold / shared", cold_s / warm_s, "x", 5),
    ]


def long_prompt_beside_writers(engine) -> list[Row]:
    """The longest pause of four writers while prompts of 400 tokens are read beside them."""
    pauses: list[float] = []

    def write_on() -> None:
        before = 0.0
        for _ in ask(engine, [5, 6, 7], 480):
            now = time.perf_counter()
            if before:
                pauses.append(now - before)
            before = now

    threads = [threading.Thread(target=write_on) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for number in range(4):
        for _ in ask(engine, [2 + (number * 97 + 3 * at) % 8000 for at in range(400)], 2):
            pass
    for thread in threads:
        thread.join()
    return [at_most("longest pause beside long prompts", max(pauses) * 1000, "ms", 50)]


if __name__ == "__main__":
    main()
