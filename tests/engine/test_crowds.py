"""Nobody's answer depends on who else is there."""

import random
from collections.abc import Callable

import pytest

from inference.engine.engine import Engine
from inference.engine.loading import LoadedModel, ModelSpec, load
from tests.engine.asking import Read, ask, read
from tests.engine.checkpoints import SENTENCES


def questions(count: int) -> list[tuple[str, dict]]:
    """Prompts and settings of all kinds, the same on every call."""
    dice = random.Random(7)
    kinds = [
        {"top_p": 0.9},
        {"top_k": 20, "sampled_probabilities": True},
        {},
        {"temperature": 0.0},
        {"repetition_penalty": 1.2, "min_p": 0.02},
        {"frequency_penalty": 0.5, "presence_penalty": 0.5, "logit_bias": ((40, 2.0),)},
    ]
    return [
        (
            " ".join(dice.choices(SENTENCES, k=dice.randint(1, 3))),
            {"temperature": 0.9, "seed": number, "max_tokens": dice.randint(3, 30)}
            | dice.choice(kinds),
        )
        for number in range(count)
    ]


def alone(model: LoadedModel, asked: list[tuple[str, dict]], slots: int) -> list[Read]:
    with Engine(model, slots) as engine:
        return [read(ask(engine, text, **settings)) for text, settings in asked]


def in_a_crowd(model: LoadedModel, asked: list[tuple[str, dict]], slots: int) -> list[Read]:
    """All at once, with strangers who join, are stopped half-way and leave."""
    with Engine(model, slots) as engine:
        answers = []
        for number, (text, settings) in enumerate(asked):
            if number % 3 == 0:
                stranger = ask(engine, text[::-1], temperature=1.0, seed=number, max_tokens=50)
                if number % 2:
                    stranger.get(timeout=0.01)
                    stranger.stop()
            answers.append(ask(engine, text, **settings))
        return [read(answer) for answer in answers]


def said(answers: list[Read]) -> list[tuple]:
    return [(one.text, one.tokens, one.ended.reason) for one in answers]


@pytest.mark.parametrize(
    ("architecture", "forward"),
    [
        *(("llama", "native"), ("llama-odd", "native"), ("qwen3", "native")),
        *(("llama", "plain"), ("llama-odd", "plain"), ("gpt2", "plain")),
    ],
)
def test_the_same_seed_gives_the_same_answer_alone_and_in_a_crowd_to_the_last_bit(
    architecture: str, forward: str, model: Callable
) -> None:
    asked = questions(36)
    expected = alone(model(architecture, forward), asked, slots=8)
    crowd = in_a_crowd(model(architecture, forward), asked, slots=8)
    assert said(crowd) == said(expected)
    assert len({one.text for one in expected}) > 30, "the answers should differ"


def test_with_two_threads_and_more_slots_it_is_the_same(checkpoint: Callable) -> None:
    loaded = load(ModelSpec(str(checkpoint("llama-odd"))), threads=2)
    asked = [(text, settings | {"max_tokens": 6}) for text, settings in questions(18)]
    try:
        assert said(in_a_crowd(loaded, asked, slots=16)) == said(alone(loaded, asked, slots=16))
    finally:
        load(ModelSpec(str(checkpoint("llama-odd"))), threads=1)


def test_six_at_once_take_little_more_steps_than_one(model: Callable) -> None:
    with Engine(model("llama"), slots=6) as engine:
        read(ask(engine, "Fox?", max_tokens=40))
        once = engine.steps
        answers = [ask(engine, "Fox?", max_tokens=40) for _ in range(6)]
        assert len({read(answer).text for answer in answers}) == 1
        assert engine.steps - once < 2 * once


def test_those_who_wait_are_served_when_all_slots_fall_free_at_once(model: Callable) -> None:
    with Engine(model("llama"), slots=2) as engine:
        answers = [ask(engine, "Fox?", max_tokens=3) for _ in range(6)]
        assert [len(read(answer).ids) for answer in answers] == [3] * 6


def test_another_seed_gives_another_answer(model: Callable) -> None:
    with Engine(model("llama"), slots=2) as engine:
        texts = {read(ask(engine, "Fox?", temperature=1.0, seed=s)).text for s in range(6)}
    assert len(texts) == 6
