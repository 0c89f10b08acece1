"""Scores and peeks say what a full forward pass says, and disturb nobody."""

import math
import threading
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForCausalLM

from inference.engine.engine import Engine
from inference.engine.errors import (
    EmptyPrompt,
    EngineClosed,
    InvalidRequest,
    PromptTooLong,
    QueryFailed,
    UnknownToken,
)
from inference.engine.queries import Scoring
from inference.engine.scripted import VOCABULARY, babbling, scripted_model
from inference.engine.sequence import Message
from tests.engine.asking import ask, read, wait_for
from tests.engine.checkpoints import SENTENCES
from tests.engine.checkpoints import VOCABULARY as WORDS

TEXT = " ".join(SENTENCES)
CHAT = (Message("system", "Be brief."), Message("user", "Größe 😀?"))


def plainly(folder: object, ids: list[int]) -> Tensor:
    """The logits of transformers itself after every token, (tokens, vocabulary)."""
    with torch.inference_mode():
        logits: Tensor = AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([ids])).logits
    return logits[0].float()


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "mistral"])
@pytest.mark.parametrize("prompt", [TEXT, CHAT], ids=["text", "chat"])
def test_a_score_is_the_log_softmax_of_a_full_forward(
    architecture: str, prompt: object, model: Callable, checkpoint: Callable
) -> None:
    loaded = model(architecture)
    engine = Engine(loaded, slots=2)
    engine._scheduler.chunk = 70  # so that a text is read in several pieces, and these in two
    with engine:
        scoring = engine.score(prompt, top_logprobs=3)
    encode = loaded.tokenizer.encode_text if isinstance(prompt, str) else loaded.tokenizer.encode
    ids = encode(prompt)
    logprobs = plainly(checkpoint(architecture), ids).log_softmax(-1)[:-1]
    picked = logprobs.gather(1, torch.tensor(ids[1:])[:, None])[:, 0]
    assert [scoring.opening_id, *(token.id for token in scoring.tokens)] == ids
    assert [token.logprob for token in scoring.tokens] == pytest.approx(picked.tolist(), abs=1e-4)
    for row, token in zip(logprobs, scoring.tokens, strict=True):
        assert token.rank == pytest.approx(1 + (row > row[token.id]).sum().item(), abs=1)
        best = row.topk(3).values.tolist()
        assert [one.logprob for one in token.top] == pytest.approx(best, abs=1e-4)
    assert scoring.perplexity == pytest.approx(math.exp(-picked.mean().item()), rel=1e-3)
    if isinstance(prompt, str):
        assert scoring.opening + "".join(token.text for token in scoring.tokens) == prompt


@pytest.mark.parametrize("architecture", ["llama", "qwen2-sliding"])
def test_a_peek_shows_the_logits_of_a_full_forward(
    architecture: str, model: Callable, checkpoint: Callable
) -> None:
    loaded = model(architecture)
    engine = Engine(loaded, slots=2)
    engine._scheduler.chunk = 70
    with engine:
        after_text = engine.peek(TEXT)
        after_chat = engine.peek(CHAT, generated=(40, 41), count=WORDS % 200)
    for found, ids in (
        (after_text, loaded.tokenizer.encode_text(TEXT)),
        (after_chat, [*loaded.tokenizer.encode(CHAT), 40, 41]),
    ):
        logits = plainly(checkpoint(architecture), ids)[-1]
        logprobs = logits.log_softmax(-1)
        for candidate in found:
            assert candidate.logit == pytest.approx(logits[candidate.id].item(), abs=1e-4)
            assert candidate.logprob == pytest.approx(logprobs[candidate.id].item(), abs=1e-4)
        assert sorted(found, key=lambda one: -one.logit) == list(found)
        assert found[-1].logit == pytest.approx(logits.topk(len(found)).values[-1].item(), abs=1e-4)
    assert (len(after_text), len(after_chat)) == (200, 160)


def test_a_peek_is_what_an_answer_begins_with(model: Callable) -> None:
    with Engine(model("llama"), slots=1) as engine:
        (first, *_) = engine.peek((Message("user", "Fox?"),))
        answer = read(ask(engine, "Fox?", max_tokens=1))
    assert (answer.tokens[0].id, answer.tokens[0].logprob) == (
        first.id,
        pytest.approx(first.logprob),
    )


def test_queries_change_nobodys_answer_to_the_last_bit(model: Callable) -> None:
    settings = {"temperature": 0.9, "seed": 4, "max_tokens": 40}
    with Engine(model("llama"), slots=3) as engine:
        expected = read(ask(engine, "Fox?", **settings))
        once = engine.score(TEXT)
        answers = [ask(engine, "Fox?", **settings) for _ in range(2)]
        meanwhile = [engine.score(TEXT) for _ in range(3)]
        engine.peek(TEXT)
        for answer in answers:
            assert read(answer).tokens == expected.tokens
        assert meanwhile == [once] * 3
        assert engine.load == (0, 0)


def test_a_long_text_is_scored_in_pieces_between_the_steps_of_others() -> None:
    with Engine(scripted_model(pause_s=0.001), slots=2) as engine:
        neighbour = ask(engine, "go on", max_tokens=2000)
        neighbour.get(timeout=5)
        before = engine.steps
        scoring = engine.score("a" * 1500)
        assert engine.steps - before >= 6, "1,499 tokens are six chunks"
        assert len(scoring.tokens) == 1499
        neighbour.stop()
        written = len(read(neighbour).tokens)
    assert written >= 5


def test_a_scripted_score_follows_the_script() -> None:
    with Engine(scripted_model(), slots=1) as engine:
        scoring = engine.score("ab 😀", top_logprobs=2)
        (first, *_) = engine.peek("ab ")
    assert [token.text for token in scoring.tokens] == ["b", " ", "", "", "", "😀"]
    best = max(range(VOCABULARY), key=babbling(b"ab ", b"").__getitem__)
    assert first.id == best == scoring.tokens[2].top[0].id


def test_perplexity_is_one_for_certainty_and_the_vocabulary_for_mere_guessing() -> None:
    with Engine(scripted_model(lambda prompt, written: [0.0] * VOCABULARY), slots=1) as engine:
        assert engine.score("any text").perplexity == pytest.approx(VOCABULARY)
    certain = [100.0 if token == ord("a") else 0.0 for token in range(VOCABULARY)]
    with Engine(scripted_model(lambda prompt, written: certain), slots=1) as engine:
        scoring: Scoring = engine.score("aaaa")
    assert scoring.perplexity == pytest.approx(1)
    assert scoring.logprob == pytest.approx(0)


def test_what_cannot_be_found_out_is_refused_in_words() -> None:
    with Engine(scripted_model(context=20), slots=1) as engine:
        with pytest.raises(EmptyPrompt):
            engine.score("")
        with pytest.raises(InvalidRequest, match="nothing to score"):
            engine.score("a")
        with pytest.raises(InvalidRequest, match="top_logprobs"):
            engine.score("abc", top_logprobs=21)
        with pytest.raises(InvalidRequest, match="count must be between 1 and 200"):
            engine.peek("abc", count=201)
        with pytest.raises(PromptTooLong):
            engine.score("a" * 20)
        with pytest.raises(UnknownToken, match="no token 257"):
            engine.peek("abc", generated=(VOCABULARY,))
        with pytest.raises(InvalidRequest, match="half a character"):
            engine.score("abc\ud800")
    with pytest.raises(EngineClosed):
        engine.peek("too late")


def test_numbers_that_are_not_finite_fail_the_query_alone() -> None:
    def script(prompt: bytes, written: bytes) -> list[float]:
        return (
            [math.nan] * VOCABULARY if prompt.endswith(b"poison") else list(babbling(prompt, b""))
        )

    with Engine(scripted_model(script), slots=2) as engine:
        neighbour = ask(engine, "water", max_tokens=500)
        for find_out in (lambda: engine.score("poison!"), lambda: engine.peek("poison")):
            with pytest.raises(QueryFailed, match="not finite"):
                find_out()
        assert len(read(neighbour).tokens) == 500


@pytest.mark.parametrize("forward", ["native", "plain"])
def test_a_poisoned_score_leaves_a_clean_slot_behind(forward: str, model: Callable) -> None:
    with Engine(model("llama", forward, poison="Z"), slots=1) as engine:
        expected = engine.score("The lazy dog.")
        with pytest.raises(QueryFailed, match="not finite"):
            engine.score("ZZZ jumps over the dog")
        assert engine.score("The lazy dog.") == expected


def test_a_query_that_waits_too_long_or_is_cut_off_says_so() -> None:
    engine = Engine(scripted_model(pause_s=0.002), slots=1)
    failures: list[str] = []

    def wait_in_vain() -> None:
        try:
            engine.peek("one")
        except QueryFailed as error:
            failures.append(str(error))

    with engine:
        ask(engine, "first", max_tokens=4000)
        wait_for(lambda: engine.load == (1, 0))
        with pytest.raises(QueryFailed, match="in time"):
            engine.score("two", deadline_s=0.05)
        waiting = threading.Thread(target=wait_in_vain)
        waiting.start()
        wait_for(lambda: engine.load == (1, 1))
    waiting.join(5)
    assert "closed" in failures[0]
