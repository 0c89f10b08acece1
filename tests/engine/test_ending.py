"""Every answer ends exactly once, for the right reason, and gives its slot back."""

import math
import threading
from collections.abc import Callable
from time import monotonic, sleep

import pytest

from inference.engine.engine import Engine
from inference.engine.errors import EmptyPrompt, EngineClosed, InvalidRequest, PromptTooLong
from inference.engine.model import LoadedModel
from inference.engine.scripted import VOCABULARY, ScriptedRunner, babbling, scripted_model
from inference.engine.sequence import Ended, Message, SamplingSettings
from tests.engine.asking import ask, read, wait_for


def test_an_answer_ends_where_the_model_ends_it() -> None:
    with Engine(scripted_model("That is all."), slots=1) as engine:
        answer = read(ask(engine, "Why?"))
    assert answer.text == "That is all."
    assert answer.ended.reason == "stop"
    assert (answer.ended.usage.prompt_tokens, answer.ended.usage.completion_tokens) == (4, 12)


def test_an_answer_ends_after_max_tokens() -> None:
    with Engine(scripted_model("That is all."), slots=1) as engine:
        answer = read(ask(engine, "Why?", max_tokens=4))
    assert (answer.text, answer.ended.reason) == ("That", "length")
    assert answer.ended.usage.completion_tokens == 4


def test_an_answer_ends_where_the_context_ends(model: Callable) -> None:
    loaded: LoadedModel = model("gpt2")
    text = "A model reads. " * 9
    prompt = len(loaded.tokenizer.encode((Message("user", text),)))
    with Engine(loaded, slots=1) as engine:
        answer = read(ask(engine, text, temperature=2.0, max_tokens=10_000))
    assert answer.ended.reason == "length"
    assert prompt + len(answer.tokens) == loaded.context


def test_a_prompt_that_fills_the_context_is_refused_and_one_token_less_is_not() -> None:
    with Engine(scripted_model("yes", context=20), slots=1) as engine:
        with pytest.raises(PromptTooLong, match="20 tokens long, and this model reads at most 19"):
            ask(engine, "x" * 20)
        assert engine.load == (0, 0)
        assert read(ask(engine, "x" * 19)).text == "y"


@pytest.mark.parametrize("text", ["", "  \n\t"])
def test_an_empty_prompt_is_refused(text: str) -> None:
    with Engine(scripted_model(), slots=1) as engine, pytest.raises(EmptyPrompt):
        ask(engine, text)


@pytest.mark.parametrize(
    "settings",
    [
        {"temperature": -0.1},
        {"temperature": math.inf},
        {"temperature": math.nan},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"top_k": -1},
        {"max_tokens": 0},
        {"stop": ("a", "")},
        {"top_logprobs": 21},
    ],
)
def test_impossible_settings_are_refused_by_name(settings: dict) -> None:
    (name,) = settings
    with pytest.raises(InvalidRequest, match=name):
        SamplingSettings(**settings)


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="tool"):
        Message("tool", "hello")


def test_stopping_half_way_frees_the_slot_for_the_next_in_line() -> None:
    with Engine(scripted_model(pause_s=0.002), slots=1) as engine:
        first = ask(engine, "one", max_tokens=4000)
        second = ask(engine, "two", max_tokens=3)
        assert first.get(timeout=5) is not None
        assert engine.load == (1, 1)
        first.stop()
        assert read(first).ended.reason == "stopped"
        assert read(second).ended.reason == "length"
        assert engine.load == (0, 0)


def test_stopping_takes_effect_within_one_step() -> None:
    reached, go_on = threading.Event(), threading.Event()

    def script(prompt: bytes, written: bytes) -> list[float]:
        if len(written) == 3:
            reached.set()
            go_on.wait(5)
        return list(babbling(prompt, written))

    with Engine(scripted_model(script), slots=1) as engine:
        answer = ask(engine, "go", max_tokens=100)
        reached.wait(5)
        answer.stop()
        go_on.set()
        assert len(read(answer).tokens) == 4


def test_one_who_waits_can_be_stopped_too() -> None:
    with Engine(scripted_model(pause_s=0.002), slots=1) as engine:
        first = ask(engine, "one", max_tokens=4000)
        second = ask(engine, "two")
        second.stop()
        ended = read(second).ended
        first.stop()
        read(first)
    assert (ended.reason, ended.usage.completion_tokens) == ("stopped", 0)


def test_the_deadline_ends_those_who_write_and_those_who_wait() -> None:
    with Engine(scripted_model(pause_s=0.005), slots=1) as engine:
        started = monotonic()
        writing = ask(engine, "one", max_tokens=4000, deadline_s=0.2)
        waiting = ask(engine, "two", max_tokens=4000, deadline_s=0.1)
        assert read(waiting).ended.reason == "deadline"
        answer = read(writing)
        assert answer.ended.reason == "deadline"
        assert len(answer.tokens) > 3
        assert monotonic() - started < 5


def test_the_timings_add_up() -> None:
    with Engine(scripted_model(pause_s=0.002), slots=1) as engine:
        first, second = (ask(engine, text, max_tokens=30) for text in ("one", "two"))
        before, after = read(first).ended.timings, read(second).ended.timings
    assert after.queue_s > 0.05 > before.queue_s
    for timings in (before, after):
        assert timings.queue_s + timings.prefill_s <= timings.first_token_s < timings.total_s
        expected = 29 / (timings.total_s - timings.first_token_s)
        assert timings.tokens_per_second == pytest.approx(expected, rel=0.01)


def test_a_sequence_whose_numbers_go_bad_fails_alone() -> None:
    def script(prompt: bytes, written: bytes) -> list[float]:
        if prompt == b"poison" and len(written) == 5:
            return [math.nan] * VOCABULARY
        return list(babbling(prompt, written))

    with Engine(scripted_model(script), slots=3) as engine:
        poisoned, healthy = ask(engine, "poison"), ask(engine, "water")
        bad, good = read(poisoned), read(healthy)
    assert bad.ended.reason == "failed"
    assert "not finite" in bad.ended.error
    assert len(bad.tokens) == 5
    assert (good.ended.reason, len(good.tokens)) == ("length", 24)


@pytest.mark.parametrize("forward", ["native", "plain"])
def test_a_poisoned_slot_is_clean_for_the_next_sequence(forward: str, model: Callable) -> None:
    with Engine(model("llama", forward, poison="Z"), slots=1) as engine:
        healthy = read(ask(engine, "The quick brown fox"))
        bad = read(ask(engine, "ZZZ The quick brown fox ZZZ"))
        again = read(ask(engine, "The quick brown fox"))
    assert bad.ended.reason == "failed"
    assert "not finite" in bad.ended.error
    assert again.tokens == healthy.tokens


def test_a_step_that_breaks_down_fails_who_is_in_it_and_the_engine_goes_on() -> None:
    def script(prompt: bytes, written: bytes) -> list[float]:
        if prompt == b"break" and len(written) == 2:
            raise RuntimeError("out of numbers")
        return list(babbling(prompt, written))

    with Engine(scripted_model(script), slots=2) as engine:
        answers = [ask(engine, text, max_tokens=4000) for text in ("break", "other")]
        waiting = ask(engine, "third", max_tokens=5)
        for answer in answers:
            ended = read(answer).ended
            assert ended.reason == "failed"
            assert "out of numbers" in ended.error
        assert read(waiting).ended.reason == "length"
        assert engine.is_alive
        assert engine.load == (0, 0)


def test_a_prompt_that_breaks_the_model_fails_alone() -> None:
    def script(prompt: bytes, written: bytes) -> list[float]:
        if prompt == b"break":
            raise RuntimeError("cannot read this")
        return list(babbling(prompt, written))

    with Engine(scripted_model(script), slots=2) as engine:
        healthy, broken = ask(engine, "fine"), ask(engine, "break")
        assert "cannot read this" in read(broken).ended.error
        assert read(healthy).ended.reason == "length"


class Doomed(ScriptedRunner):
    """A runner that does not come back, as after an error that stays in a graphics card."""

    def reset(self) -> None:
        raise RuntimeError("nothing works any more")


def test_when_the_thread_dies_every_open_answer_is_told_and_new_ones_are_refused() -> None:
    go_on = threading.Event()

    def script(prompt: bytes, written: bytes) -> list[float]:
        if written:
            go_on.wait(5)
            raise RuntimeError("broken for good")
        return list(babbling(prompt, written))

    model = scripted_model()
    doomed = LoadedModel(Doomed(script), model.tokenizer, 100, "", "float32", "cpu", 0, "doomed")
    engine = Engine(doomed, slots=1)
    engine.start()
    running, waiting = ask(engine, "one"), ask(engine, "two")
    go_on.set()
    assert read(running).ended.reason == "failed"
    ended = read(waiting).ended
    assert ended.reason == "failed"
    assert "broke down" in ended.error
    wait_for(lambda: not engine.is_alive)
    assert engine.load == (0, 0)
    with pytest.raises(EngineClosed):
        ask(engine, "three")


def test_closing_ends_what_is_open_and_refuses_what_comes() -> None:
    engine = Engine(scripted_model(pause_s=0.002), slots=1)
    with pytest.raises(EngineClosed):
        ask(engine, "too early")
    engine.start()
    answers = [ask(engine, "one", max_tokens=4000), ask(engine, "two")]
    assert answers[0].get(timeout=5) is not None
    engine.close(timeout=5)
    for answer in answers:
        ended = read(answer).ended
        assert ended.reason == "failed"
        assert "closed" in ended.error
    assert not engine.is_alive
    with pytest.raises(EngineClosed):
        ask(engine, "too late")


def test_a_stuck_step_shows_and_closing_does_not_wait_for_it() -> None:
    stuck, release = threading.Event(), threading.Event()

    def script(prompt: bytes, written: bytes) -> list[float]:
        stuck.set()
        release.wait(10)
        return list(babbling(prompt, written))

    engine = Engine(scripted_model(script), slots=1)
    engine.start()
    answer = ask(engine, "one")
    stuck.wait(5)
    before = engine.last_step_at
    sleep(0.05)
    assert engine.last_step_at == before
    engine.close(timeout=0.05)
    assert read(answer).ended.reason == "failed"
    release.set()
    wait_for(lambda: not engine._thread.is_alive())
    assert isinstance(answer.get(timeout=0.1), Ended)


def test_an_idle_engine_still_shows_that_it_lives() -> None:
    with Engine(scripted_model(), slots=1) as engine:
        before = engine.last_step_at
        wait_for(lambda: engine.last_step_at > before)
        assert engine.steps == 0


def test_the_end_is_given_again_and_again_and_nothing_follows_it() -> None:
    with Engine(scripted_model("Hello"), slots=1) as engine:
        answer = ask(engine, "hi")
        assert answer.ended is None
        assert "".join(chunk.text for chunk in answer) == "Hello"
        assert answer.ended is not None
        assert answer.get(timeout=0) is answer.ended
        answer.stop()
        assert answer.get(timeout=0) is answer.ended


def test_a_slow_reader_gets_everything_at_once_and_slows_nobody() -> None:
    with Engine(scripted_model("A slow reader misses nothing."), slots=2) as engine:
        slow = ask(engine, "slow", max_tokens=100)
        wait_for(lambda: engine.load == (0, 0))
        chunk = slow.get(timeout=1)
        assert chunk.text == "A slow reader misses nothing."
        assert len(chunk.tokens) == 29
        assert slow.get(timeout=1).reason == "stop"


def test_asking_without_waiting_returns_at_once() -> None:
    with Engine(scripted_model(pause_s=0.3), slots=1) as engine:
        answer = ask(engine, "one", max_tokens=2)
        answer.get(timeout=5)
        started = monotonic()
        assert answer.get(timeout=0) is None
        assert monotonic() - started < 0.2
