"""A fork goes on from tokens that are written already, as if it had written them itself."""

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as some

from inference.engine.answer import Answer
from inference.engine.engine import Engine
from inference.engine.errors import InvalidRequest, PromptTooLong, UnknownToken
from inference.engine.scripted import END, scripted_model
from inference.engine.sequence import Message, Request, SamplingSettings
from tests.engine.asking import Read, ask, read

KINDS = [
    {},
    {"temperature": 0.9, "top_p": 0.9},
    {"temperature": 1.0, "repetition_penalty": 1.3, "min_p": 0.02},
    {"temperature": 0.8, "frequency_penalty": 0.7, "presence_penalty": 0.4, "seed": 5},
]
_numbers = count()


def fork(engine: Engine, text: str, generated: list[int], **settings: object) -> Answer:
    """Ask like `ask`, but for what follows `generated`."""
    sampling = SamplingSettings(**{"temperature": 0.0, "max_tokens": 24} | settings)
    messages = (Message("user", text),)
    request = Request(f"f{next(_numbers)}", messages, sampling, generated=tuple(generated))
    return engine.ask(request)


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "qwen2-sliding"])
@pytest.mark.parametrize("settings", KINDS)
def test_a_fork_with_the_same_tokens_and_seed_continues_as_the_first_run_did(
    architecture: str, settings: dict, model: Callable
) -> None:
    with Engine(model(architecture), slots=4) as engine:
        whole = read(ask(engine, "The quick brown fox", **settings))
        places = range(1, len(whole.ids), 5)
        forks = [fork(engine, "The quick brown fox", whole.ids[:at], **settings) for at in places]
        for at, answer in zip(places, map(read, forks), strict=True):
            assert answer.ids == whole.ids[at:]
            for again, first in zip(answer.tokens, whole.tokens[at:], strict=True):
                assert again.logprob == pytest.approx(first.logprob, abs=1e-4)
            assert answer.ended.reason == whole.ended.reason
            usage, before = answer.ended.usage, whole.ended.usage
            assert usage.prompt_tokens == before.prompt_tokens + at
            assert usage.completion_tokens == before.completion_tokens - at


def test_forks_with_another_last_token_go_their_own_ways(model: Callable) -> None:
    with Engine(model("llama"), slots=3) as engine:
        whole = read(ask(engine, "Fox?", temperature=0.8))
        start = whole.ids[:6]
        others = [one.id for one in whole.tokens[6].top if one.id != whole.ids[6]][:3]
        forks = [fork(engine, "Fox?", [*start, other], temperature=0.8) for other in others]
        continued = [read(answer).ids for answer in forks]
        for other, ids in zip(others, continued, strict=True):
            assert (
                read(fork(engine, "Fox?", [*start, other, *ids[:4]], temperature=0.8)).ids
                == (ids[4:])
            )
    assert len({tuple(ids) for ids in [*continued, whole.ids[7:]]}) == 4


def test_a_fork_is_the_same_alone_and_in_a_crowd_to_the_last_bit(model: Callable) -> None:
    tokens = [40, 77, 123, 9, 200]
    settings = {"temperature": 0.9, "repetition_penalty": 1.2, "sampled_probabilities": True}
    with Engine(model("llama"), slots=4) as engine:
        alone = read(fork(engine, "Fox?", tokens, seed=3, **settings))
        crowd = [ask(engine, "A model reads", temperature=1.0, seed=seed) for seed in range(3)]
        forks = [fork(engine, "Fox?", tokens[:size], seed=3, **settings) for size in (5, 4, 5)]
        first, _, last = map(read, forks)
        for answer in crowd:
            read(answer)
    assert first.tokens == alone.tokens == last.tokens


@trials(max_examples=60, deadline=None)
@given(
    prompt=some.text("abc", min_size=1, max_size=300),
    at=some.integers(0, 29),
    seed=some.integers(-5, 5),
    chosen=some.fixed_dictionaries(
        {},
        optional={
            "temperature": some.sampled_from([0.5, 1.5]),
            "repetition_penalty": some.sampled_from([0.8, 1.7]),
            "frequency_penalty": some.sampled_from([-0.5, 1.0]),
            "presence_penalty": some.sampled_from([-1.0, 2.0]),
            "min_p": some.sampled_from([0.01, 0.3]),
            "logit_bias": some.just(((ord("q"), 5.0), (ord("e"), -100.0))),
        },
    ),
)
def test_wherever_a_run_is_forked_it_ends_as_it_would_have(
    prompt: str, at: int, seed: int, chosen: dict
) -> None:
    settings = chosen | {"seed": seed, "max_tokens": 30}
    with Engine(scripted_model(), slots=2) as engine:
        whole = read(ask(engine, prompt, **settings))
        assert read(fork(engine, prompt, whole.ids[:at], **settings)).tokens == whole.tokens[at:]


def rest(text: str, at: int, **settings: object) -> Read:
    """What a fork says after the first `at` bytes of a scripted text."""
    with Engine(scripted_model(text), slots=1) as engine:
        generated = list(text.encode()[:at])
        return read(fork(engine, "go", generated, max_tokens=100, **settings))


def test_a_character_that_was_half_written_is_completed() -> None:
    assert [rest("é😀!", at).text for at in range(1, 7)] == [
        "é😀!",
        "😀!",
        "😀!",
        "😀!",
        "😀!",
        "!",
    ]


def test_a_stop_string_may_begin_in_what_was_there_before() -> None:
    for at in (7, 8, 9):
        answer = rest("Begin ENDING", at, stop=("ENDI",))
        assert (answer.text, answer.ended.reason) == ("", "stop_string")
    answer = rest("Begin ENDING", 8, stop=("ENDE",))
    assert (answer.text, answer.ended.reason) == ("DING", "stop")
    answer = rest("Begin ENDING", 3, stop=("ENDI",))
    assert (answer.text, answer.ended.usage.completion_tokens) == ("in ", 7)


def test_forks_that_cannot_go_on_are_refused_in_words() -> None:
    with Engine(scripted_model("yes", context=20), slots=1) as engine:
        with pytest.raises(InvalidRequest, match="already hold a stop string"):
            fork(engine, "go", list(b"a STOP b"), stop=("STOP",))
        with pytest.raises(InvalidRequest, match="Raise max_tokens"):
            fork(engine, "go", [97] * 8, max_tokens=8)
        with pytest.raises(PromptTooLong, match="20 tokens long"):
            fork(engine, "go", [97] * 18)
        for unknown in (-1, 257):
            with pytest.raises(UnknownToken, match="tokens from 0 to 256"):
                fork(engine, "go", [97, unknown])
        with pytest.raises(UnknownToken):
            ask(engine, "go", logit_bias=((257, 1.0),))
        with pytest.raises(UnknownToken):
            ask(engine, "go", stop_tokens=(999,))
        assert engine.load == (0, 0)
        assert read(fork(engine, "go", [97] * 17, ignore_eos=True)).ended.reason == "length"


def test_a_stop_token_ends_the_answer_and_is_no_part_of_it() -> None:
    with Engine(scripted_model("abc;def"), slots=1) as engine:
        answer = read(ask(engine, "go", stop_tokens=(ord(";"), ord("f"))))
    assert (answer.text, answer.ended.reason) == ("abc", "stop")
    assert answer.ended.usage.completion_tokens == 3


def test_with_ignore_eos_the_model_writes_on_to_the_last_token(model: Callable) -> None:
    with Engine(scripted_model("abc"), slots=1) as engine:
        answer = read(ask(engine, "go", max_tokens=6, ignore_eos=True))
    assert (answer.text, answer.ids[3:]) == ("abc", [END] * 3)
    assert answer.ended.reason == "length"
    end = min(model("llama").tokenizer.ends)
    with Engine(model("llama"), slots=1) as engine:
        settings = {"logit_bias": ((end, 100.0),), "max_tokens": 5}
        assert read(ask(engine, "go", **settings)).ids == []
        assert read(ask(engine, "go", ignore_eos=True, **settings)).ids == [end] * 5


def test_tokens_tell_how_probable_they_were_in_the_draw(model: Callable) -> None:
    with Engine(model("llama"), slots=2) as engine:
        settings = {"temperature": 0.7, "top_k": 4, "sampled_probabilities": True}
        asked = read(ask(engine, "Fox?", **settings))
        plain = read(ask(engine, "Fox?", temperature=0.7, top_k=4))
    assert asked.ids == plain.ids
    for token in asked.tokens:
        chances = {one.id: one.sampled for one in token.top}
        assert chances[token.id] == token.sampled > 0
        assert sum(chances.values()) == pytest.approx(1, abs=1e-5)
        assert [one.sampled for one in token.top][4:] == [0.0]
    assert all(one.sampled is None for token in plain.tokens for one in (token, *token.top))
