"""What was read once is not read again, and nobody's answer changes by it; memory has a bound."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.engine.engine import Engine
from inference.engine.errors import BudgetTooSmall
from inference.engine.memory import usual_budget
from inference.engine.prefixes import PrefixCache
from inference.engine.scripted import scripted_model
from inference.engine.sequence import Message, Request, SamplingSettings
from tests.engine.asking import Read, ask, read, wait_for

SYSTEM = "The lazy dog jumps over the quick brown fox, and the café is open. "


def copied(tokens: list[int]) -> Callable[[int, int], list[int]]:
    return lambda start, end: tokens[start:end]


def found(cache: PrefixCache, tokens: list[int]) -> list[int]:
    return [token for _, block in cache.find(tokens) for token in block]


def test_the_longest_known_beginning_is_found_but_never_the_last_token() -> None:
    cache = PrefixCache(4, 100)
    tokens = list(range(11))
    cache.keep(tokens, copied(tokens))
    assert found(cache, tokens) == tokens[:8]
    assert found(cache, tokens[:8]) == tokens[:4]
    assert found(cache, [*tokens[:5], 99, 98, 97, 96]) == tokens[:4]
    assert found(cache, tokens[4:]) == []


def test_what_was_not_used_for_longest_goes_first_and_ends_go_before_beginnings() -> None:
    cache = PrefixCache(2, 8)
    first, second = [1, 2, 3, 4, 0], [5, 6, 7, 8, 0]
    cache.keep(first, copied(first))
    cache.keep(second, copied(second))
    assert found(cache, first) == first[:4]
    third = [9, 10, 0]
    cache.keep(third, copied(third))
    assert (found(cache, second), found(cache, first)) == (second[:2], first[:4])
    cache.limit(4)
    assert cache.tokens == 4
    assert found(cache, first) == first[:4]
    cache.limit(0)
    assert cache.tokens == 0


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=14), max_size=12), st.integers(0, 20)
)
def test_whatever_is_kept_is_found_right_and_within_its_room(prompts: list, room: int) -> None:
    cache = PrefixCache(3, room)
    for tokens in prompts:
        known = found(cache, tokens)
        assert known == tokens[: len(known)]
        assert len(known) < len(tokens)
        cache.keep(tokens, copied(tokens))
        assert cache.tokens <= room


def said(one: Read) -> tuple:
    return one.text, one.tokens, one.ended.reason


@pytest.mark.parametrize("forward", ["native", "plain"])
def test_an_answer_is_the_same_whether_its_beginning_was_known_or_not(
    forward: str, model: Callable
) -> None:
    loaded = model("llama", forward)
    questions = [SYSTEM + rest for rest in ("Why?", "Why not?", "How so?", "Why?")]
    wanted = {"temperature": 0.9, "seed": 3}
    cold = []
    for question in questions:
        with Engine(loaded, slots=2) as engine:
            cold.append(read(ask(engine, question, **wanted)))
    with Engine(loaded, slots=2) as engine:
        warm = [read(ask(engine, question, **wanted)) for question in questions]
    assert [said(one) for one in warm] == [said(one) for one in cold]
    assert all(one.ended.usage.cached_tokens == 0 for one in cold)
    if forward == "native":
        assert warm[0].ended.usage.cached_tokens == 0
        assert all(one.ended.usage.cached_tokens >= 32 for one in warm[1:])


def test_a_fork_reads_only_what_the_first_answer_has_not_left_behind(model: Callable) -> None:
    loaded = model("llama")
    wanted = {"temperature": 0.9, "seed": 3, "max_tokens": 60, "ignore_eos": True}
    messages = (Message("user", SYSTEM),)
    with Engine(loaded, slots=2) as engine:
        first = read(engine.ask(Request("a", messages, SamplingSettings(**wanted))))
        given = tuple(first.ids[:50])
        fork = Request("b", messages, SamplingSettings(**wanted), generated=given)
        again = read(engine.ask(fork))
    assert again.ids == first.ids[50:]
    prompt = first.ended.usage.prompt_tokens
    assert again.ended.usage.cached_tokens >= (prompt + 49) // 32 * 32 > prompt


def test_a_request_that_could_never_fit_is_refused_in_words() -> None:
    with Engine(scripted_model(), slots=2, kv_budget=100) as engine:
        with pytest.raises(BudgetTooSmall, match=r"take 120 tokens together.* memory for 100"):
            ask(engine, "x" * 20, max_tokens=100)
        assert len(read(ask(engine, "x" * 20, max_tokens=80)).ids) == 80
        assert engine.load == (0, 0)


def test_who_does_not_fit_yet_waits_and_nobody_overtakes() -> None:
    with Engine(scripted_model(pause_s=0.002), slots=4, kv_budget=300) as engine:
        first = ask(engine, "x" * 50, max_tokens=150)
        large = ask(engine, "y" * 50, max_tokens=150)
        small = ask(engine, "z" * 10, max_tokens=10)
        wait_for(lambda: engine.load[0] == 1)
        assert engine.load == (1, 2)
        read(first)
        assert read(small).ended.timings.queue_s >= 0.1
        assert len(read(large).ids) == 150


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["aaaa", "aaaabbbb", "aaaabbbbcc", "abcdefghijkl"]),
            st.integers(1, 30),
            st.integers(0, 5),
            st.booleans(),
        ),
        min_size=1,
        max_size=10,
    ),
    st.integers(60, 200),
    st.integers(1, 4),
)
def test_under_any_budget_and_load_everybody_says_what_they_say_alone(
    asked: list, budget: int, slots: int
) -> None:
    loaded = scripted_model()
    with Engine(loaded, slots=1) as engine:
        alone = [
            read(ask(engine, text, temperature=1.0, seed=seed, max_tokens=count)).text
            for text, count, seed, _ in asked
        ]
    with Engine(loaded, slots=slots, kv_budget=budget) as engine:
        answers = [
            ask(engine, text, temperature=1.0, seed=seed, max_tokens=count)
            for text, count, seed, _ in asked
        ]
        for answer, (*_, is_stopped) in zip(answers, asked, strict=True):
            if is_stopped:
                answer.stop()
        for answer, text, (*_, is_stopped) in zip(answers, alone, asked, strict=True):
            heard = read(answer)
            assert heard.text == text or (is_stopped and text.startswith(heard.text))
        wait_for(lambda: engine.load == (0, 0))
        assert engine._scheduler.taken == 0
        assert not engine._open
        assert sorted(engine._scheduler._free) == list(range(slots))


def test_the_usual_budget_leaves_half_of_the_free_memory() -> None:
    assert usual_budget(10 * 2**20, 2**34) == 266 * 2**20
    assert usual_budget(2**40, 2**34) == 2**33


def test_the_memory_of_a_slot_goes_back_to_the_system_when_it_is_scarce(model: Callable) -> None:
    loaded = model("llama")
    with Engine(loaded, slots=4, kv_budget=200 * 512) as engine:
        assert loaded.runner._is_scarce
        first = read(ask(engine, SYSTEM, max_tokens=20))
        again = read(ask(engine, SYSTEM, max_tokens=20))
    assert again.tokens == first.tokens
