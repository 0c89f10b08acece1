"""What the engine writes is what the model itself would have written."""

from collections.abc import Callable

import pytest
import torch
from transformers import AutoModelForCausalLM

from inference.engine.engine import Engine
from inference.engine.loading import LoadedModel, ModelSpec, load
from inference.engine.scripted import scripted_model
from inference.engine.sequence import Message
from tests.engine.asking import ask, read
from tests.engine.checkpoints import BUILDERS, SENTENCES

PROMPTS = [*SENTENCES, "Fox?", "A model reads " * 6]


def by_itself(folder: object, prompt: list[int], count: int) -> list[int]:
    """What transformers' own generate writes, without the token that ends it."""
    model = AutoModelForCausalLM.from_pretrained(folder)
    out = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=count,
        do_sample=False,
        pad_token_id=0,
    )
    written = out[0, len(prompt) :].tolist()
    return written[: written.index(1)] if 1 in written else written


def prompt_of(model: LoadedModel, text: str) -> list[int]:
    return model.tokenizer.encode((Message("user", text),))


WAYS = [(name, way) for name in BUILDERS for way in ("native", "plain")]
WAYS.remove(("gpt2", "native"))


@pytest.mark.parametrize(("architecture", "forward"), WAYS)
def test_greedy_answers_are_those_of_generate_alone_and_in_company(
    architecture: str, forward: str, model: Callable, checkpoint: Callable
) -> None:
    loaded = model(architecture, forward)
    expected = [
        by_itself(checkpoint(architecture), prompt_of(loaded, text), 10 + 5 * place)
        for place, text in enumerate(PROMPTS)
    ]
    with Engine(loaded, slots=4) as engine:
        alone = [read(ask(engine, PROMPTS[0], max_tokens=10)).ids]
        answers = [
            ask(engine, text, max_tokens=10 + 5 * place) for place, text in enumerate(PROMPTS)
        ]
        together = [read(answer).ids for answer in answers]
    assert alone == expected[:1]
    assert together == expected
    assert len({id for ids in expected for id in ids}) > 10, "the answers should vary"


@pytest.mark.parametrize(
    ("architecture", "forward"),
    [("llama", "native"), ("qwen3", "native"), ("llama", "plain"), ("gpt2", "plain")],
)
def test_log_probabilities_are_those_of_a_full_forward(
    architecture: str, forward: str, model: Callable, checkpoint: Callable
) -> None:
    loaded = model(architecture, forward)
    with Engine(loaded, slots=4) as engine:
        answers = [ask(engine, text, temperature=1.0, top_logprobs=7) for text in PROMPTS]
        heard = [read(answer) for answer in answers]
    plain = AutoModelForCausalLM.from_pretrained(checkpoint(architecture))
    for text, answer in zip(PROMPTS, heard, strict=True):
        prompt = prompt_of(loaded, text)
        with torch.inference_mode():
            logits = plain(torch.tensor([prompt + answer.ids])).logits[0, len(prompt) - 1 :]
        logprobs = logits.float().log_softmax(-1)
        for row, token in zip(logprobs, answer.tokens, strict=False):
            assert token.logprob == pytest.approx(row[token.id].item(), abs=1e-4)
            best = row.topk(7).values.tolist()
            assert [one.logprob for one in token.top] == pytest.approx(best, abs=1e-4)
            assert token.rank == 1 + (row > row[token.id] + 1e-6).sum().item()


def test_a_prompt_read_in_chunks_is_read_like_a_whole_one(
    model: Callable, checkpoint: Callable
) -> None:
    loaded = model("qwen2-sliding")
    text = "The lazy dog. " * 8
    expected = by_itself(checkpoint("qwen2-sliding"), prompt_of(loaded, text), 12)
    engine = Engine(loaded, slots=2)
    engine._scheduler.chunk = 7
    with engine:
        neighbour = ask(engine, "Fox?", max_tokens=40)
        assert read(ask(engine, text, max_tokens=12)).ids == expected
        assert len(read(neighbour).ids) == 40


def test_a_running_answer_goes_on_while_a_long_prompt_is_read() -> None:
    engine = Engine(scripted_model(pause_s=0.003), slots=2)
    engine._scheduler.chunk = 4
    with engine:
        neighbour = ask(engine, "Fox?", max_tokens=100)
        first = neighbour.get(timeout=5)
        long = ask(engine, "A model reads " * 6, max_tokens=1)
        while (event := long.get(timeout=0)) is None:
            pass
        meanwhile = neighbour.get(timeout=5)
    assert first is not None
    assert event is not None
    assert len(meanwhile.tokens) >= 5


def test_bfloat16_answers_too(checkpoint: Callable) -> None:
    loaded = load(ModelSpec(str(checkpoint("llama")), dtype="bfloat16"), threads=1)
    with Engine(loaded, slots=2) as engine:
        answer = read(ask(engine, "The quick brown fox", temperature=0.8))
    assert answer.ended.usage.completion_tokens == len(answer.tokens) > 0
    assert loaded.dtype == "bfloat16"
