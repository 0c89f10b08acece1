"""A training learns, gives the same weights for the same seed, and goes on where it stopped."""

from dataclasses import replace
from functools import cache

import pytest
import torch

from training import corpus, tokenizer
from training.batches import IGNORED, Batches, laid_out
from training.corpus import Corpus, Example
from training.model import Shape, mean_loss
from training.train import UNDECIDED, Settings, Training, learning_rate, run

TINY = Settings(steps=5, rows=8, peak_rate=1e-2, warm_up=1, shape=Shape(32, 2, heads=2, kv_heads=1))
FACTS = (("What is a token?", "A token is a piece of text."), ("Hello", "Hello, reader."))


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def text() -> Corpus:
    examples = tuple(Example("term", "token", (fact,)) for fact in FACTS)
    return Corpus(("A token is a piece of text.",), examples, examples, ("Be brief.",))


@cache
def encoder() -> tokenizer.Encoder:
    said = [part for fact in FACTS for part in fact]
    return tokenizer.Encoder(tokenizer.learn(said * 3, size=300))


def training(settings: Settings = TINY) -> Training:
    return Training(settings, Batches(text(), encoder(), settings.seed, settings.rows), 300)


def weights(trained: Training) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in trained.model.named_parameters()}


def test_five_steps_lower_the_loss():
    held_out = [laid_out([encoder().chat(e.turns) for e in text().held_out])]
    fresh = training()
    before = mean_loss(fresh.model, held_out)
    for _ in range(TINY.steps):
        fresh.advance()
    assert mean_loss(fresh.model, held_out) < 0.9 * before


def test_the_same_seed_gives_the_same_weights():
    first, second = training(), training()
    for _ in range(3):
        assert first.advance() == second.advance()
    for name, tensor in weights(first).items():
        assert torch.equal(tensor, weights(second)[name])


def test_another_seed_gives_other_weights():
    other = Settings(steps=5, rows=8, seed=8, shape=TINY.shape)
    assert not torch.equal(
        weights(training())["model.embed_tokens.weight"],
        weights(training(other))["model.embed_tokens.weight"],
    )


def test_a_resumed_training_ends_where_an_unbroken_one_does(tmp_path):
    unbroken, broken, resumed = training(), training(), training()
    for _ in range(4):
        unbroken.advance()
    broken.advance()
    broken.advance()
    broken.save(tmp_path)
    resumed.resume(tmp_path)
    resumed.advance()
    resumed.advance()
    assert (resumed.step, resumed.tokens) == (unbroken.step, unbroken.tokens)
    for name, tensor in weights(unbroken).items():
        assert torch.equal(tensor, weights(resumed)[name])


def test_a_question_is_read_but_not_learned():
    ids, learned = encoder().chat([FACTS[0]])
    batch = laid_out([(ids, learned)])
    wanted = [i for i, is_learned in zip(ids, learned, strict=True) if is_learned]
    assert batch.targets[batch.targets != IGNORED].tolist() == wanted
    assert batch.ids[0].tolist() == ids[:-1]


def test_padding_is_never_learned():
    rows = [encoder().chat([fact]) for fact in FACTS]
    batch = laid_out(rows)
    for i, (ids, _) in enumerate(rows):
        assert (batch.targets[i, len(ids) - 1 :] == IGNORED).all()


def test_a_step_draws_the_same_examples_whenever_it_is_drawn():
    batches = Batches(text(), encoder(), seed=3, rows=8)
    later = batches.draw(step=5)
    batches.draw(step=6)
    again = batches.draw(step=5)
    assert all(torch.equal(a.ids, b.ids) for a, b in zip(later, again, strict=True))


def test_the_rate_rises_stays_and_falls():
    settings = Settings(steps=100, warm_up=10, peak_rate=1.0)
    rates = [learning_rate(step, settings) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[10:71] == [1.0] * 61
    assert rates[70:] == sorted(rates[70:], reverse=True)
    assert rates[100] == pytest.approx(0.02)


def test_a_training_by_the_clock_is_repeated_by_its_number_of_steps(tmp_path):
    by_clock = training(replace(TINY, steps=UNDECIDED))
    run(by_clock, [], tmp_path, minutes=0.01)
    assert by_clock.step == by_clock.settings.steps < UNDECIDED
    by_steps = training(replace(TINY, steps=by_clock.step))
    run(by_steps, [], tmp_path)
    for name, tensor in weights(by_clock).items():
        assert torch.equal(tensor, weights(by_steps)[name])


def test_two_questions_in_one_window_keep_their_order():
    first, second = (Example("term", "token", (fact,)) for fact in FACTS)
    assert corpus.joined(first, second).turns == FACTS
