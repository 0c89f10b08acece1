"""Bias, penalties and min-p give the distribution that transformers and the papers describe."""

import math
from collections import Counter

import pytest
import torch
from torch import Tensor
from transformers import (
    LogitsProcessorList,
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    SequenceBiasLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from inference.engine.errors import InvalidRequest
from inference.engine.runner import Draw, History
from inference.engine.sequence import SamplingSettings
from tests.engine.samplers import sample, way  # noqa: F401  way chooses the sampler
from tests.engine.test_sampling import is_plausible

VOCABULARY = 300
PROMPT = [3, 5, 5, 120, 250, 260]  # 120, 159, 260 and 44 are the most probable tokens
WRITTEN = [9, 5, 9, 9, 159, 44]
KINDS = [
    {"repetition_penalty": 1.3},
    {"repetition_penalty": 0.7, "temperature": 1.4},
    {"min_p": 0.1},
    {"min_p": 0.02, "top_p": 0.95, "top_k": 60, "temperature": 0.9},
    {"logit_bias": ((9, -100.0), (4, 3.5), (250, 1.0))},
    {"logit_bias": ((9, 2.0),), "repetition_penalty": 1.8, "min_p": 0.05, "top_p": 0.9},
]


def logits_of(rows: int, vocabulary: int = VOCABULARY) -> Tensor:
    return 2 * torch.randn(rows, vocabulary, generator=torch.Generator().manual_seed(1))


def draw_of(written: list[int] = WRITTEN, **settings: object) -> Draw:
    chosen = SamplingSettings(**{"temperature": 1.0, "top_logprobs": 20} | settings)
    history = History({*PROMPT, *written}, Counter(written))
    return Draw(chosen, len(written), history if chosen.is_penalising else None)


def by_transformers(logits: Tensor, temperature: float = 1.0, **settings: object) -> Tensor:
    """The distribution of one row by the processors of transformers, in its own order."""
    wanted = SamplingSettings(temperature=temperature, **settings)
    steps = LogitsProcessorList()
    if wanted.logit_bias:
        steps.append(SequenceBiasLogitsProcessor({(one,): b for one, b in wanted.logit_bias}))
    if wanted.repetition_penalty != 1:
        steps.append(RepetitionPenaltyLogitsProcessor(wanted.repetition_penalty))
    steps.append(TemperatureLogitsWarper(temperature))
    if wanted.top_k:
        steps.append(TopKLogitsWarper(wanted.top_k))
    if wanted.top_p < 1:
        steps.append(TopPLogitsWarper(wanted.top_p))
    if wanted.min_p:
        steps.append(MinPLogitsWarper(wanted.min_p))
    return steps(torch.tensor([PROMPT + WRITTEN]), logits[None].clone())[0].softmax(-1)


@pytest.mark.parametrize("settings", KINDS)
def test_the_probabilities_are_those_of_the_processors_of_transformers(settings: dict) -> None:
    logits = logits_of(1)[0]
    expected = by_transformers(logits, **settings)
    draws = [draw_of(sampled_probabilities=True, seed=seed, **settings) for seed in range(200)]
    for drawn in sample(logits.expand(200, -1), draws):
        assert drawn.sampled > 0
        assert drawn.sampled == pytest.approx(expected[drawn.id].item(), rel=1e-4)
        wanted = expected[list(drawn.top_ids)].tolist()
        assert drawn.top_sampled == pytest.approx(wanted, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("settings", [KINDS[0], KINDS[2], KINDS[5]])
def test_tokens_come_as_often_as_transformers_would_draw_them(settings: dict) -> None:
    logits = logits_of(1)[0]
    expected = by_transformers(logits, **settings)
    counts = torch.zeros(VOCABULARY)
    for start in range(0, 10_000, 1000):
        draws = [draw_of(seed=start + place, **settings) for place in range(1000)]
        for drawn in sample(logits.expand(1000, -1), draws):
            counts[drawn.id] += 1
    assert counts[expected == 0].sum() == 0
    assert is_plausible(counts, expected)
    assert not is_plausible(counts, by_transformers(logits)), "the settings should matter"


@pytest.mark.parametrize(("frequency", "presence"), [(0.8, 0.0), (0.0, 1.5), (-1.0, 0.3)])
def test_frequency_and_presence_penalty_follow_the_formula_for_written_tokens_only(
    frequency: float, presence: float
) -> None:
    logits = logits_of(1)[0]
    penalised = logits.double()
    for token, count in Counter(WRITTEN).items():
        penalised[token] -= count * frequency + presence
    expected = penalised.softmax(-1)
    settings = {"frequency_penalty": frequency, "presence_penalty": presence}
    draws = [draw_of(sampled_probabilities=True, seed=seed, **settings) for seed in range(100)]
    for drawn in sample(logits.expand(100, -1), draws):
        assert drawn.sampled == pytest.approx(expected[drawn.id].item(), rel=1e-4)


def test_a_penalty_changes_what_is_drawn_but_not_the_natural_log_probability() -> None:
    logits = logits_of(1)
    best = int(logits.argmax())
    (plain,) = sample(logits, [draw_of(temperature=0.0)])
    (banned,) = sample(logits, [draw_of(temperature=0.0, logit_bias=((best, -100.0),))])
    assert (plain.id, plain.rank) == (best, 1)
    assert (banned.id, banned.rank) == (plain.top_ids[1], 2)
    assert banned.logprob == plain.top_logprobs[1]
    assert banned.top_logprobs == plain.top_logprobs


def test_min_p_one_leaves_the_most_probable_token_alone() -> None:
    logits = logits_of(50, 5000)
    drawn = sample(logits, [draw_of(min_p=1.0, temperature=2.0, seed=s) for s in range(50)])
    assert [one.id for one in drawn] == logits.argmax(-1).tolist()


def test_a_token_lifted_from_the_far_end_can_be_the_nucleus() -> None:
    logits = logits_of(1, 5000)
    worst = int(logits.argmin())
    for cut in ({"top_p": 0.9}, {"top_k": 3}, {"min_p": 0.5}):
        (drawn,) = sample(logits, [draw_of(logit_bias=((worst, 100.0),), **cut)])
        assert (drawn.id, drawn.rank) == (worst, 5000)


def test_greedy_tokens_were_certain_when_asked_for_their_probability() -> None:
    (drawn,) = sample(logits_of(1), [draw_of(temperature=0.0, sampled_probabilities=True)])
    assert drawn.sampled == 1
    assert drawn.top_sampled == (1.0,) + (0.0,) * 19


def test_who_does_not_ask_gets_no_sampled_probabilities() -> None:
    first, second = sample(logits_of(2), [draw_of(), draw_of(sampled_probabilities=True)])
    assert (first.sampled, first.top_sampled) == (None, ())
    assert math.isclose(sum(second.top_sampled), 1, abs_tol=0.5)


def test_a_row_is_penalised_the_same_whatever_its_neighbours_ask() -> None:
    logits = logits_of(42, 3000)
    kinds = [*KINDS, {"frequency_penalty": 0.5}, {"presence_penalty": -1.0}, {}, {"top_p": 0.9}]
    draws = [
        draw_of(
            [*WRITTEN, row, row % 3],
            seed=row,
            sampled_probabilities=row % 2 == 0,
            **kinds[row % len(kinds)],
        )
        for row in range(42)
    ]
    alone = [sample(logits[row : row + 1], [draws[row]])[0] for row in range(42)]
    assert sample(logits, draws) == alone == sample(logits.flip(0), draws[::-1])[::-1]


def test_penalties_leave_the_logits_of_the_model_as_they_are() -> None:
    logits = logits_of(4)
    before = logits.clone()
    sample(logits, [draw_of(repetition_penalty=2.0, logit_bias=((1, 5.0),)), *[draw_of()] * 3])
    assert torch.equal(logits, before)


@pytest.mark.parametrize(
    "settings",
    [
        {"min_p": -0.1},
        {"min_p": 1.1},
        {"repetition_penalty": 0.0},
        {"repetition_penalty": math.inf},
        {"frequency_penalty": 2.1},
        {"presence_penalty": math.nan},
        {"logit_bias": ((1, 100.5),)},
        {"logit_bias": ((1, math.nan),)},
        {"logit_bias": ((1, 1.0), (1, 2.0))},
    ],
)
def test_impossible_penalties_are_refused_by_name(settings: dict) -> None:
    (name,) = settings
    with pytest.raises(InvalidRequest, match=name):
        SamplingSettings(**settings)
