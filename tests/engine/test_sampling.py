"""The sampler draws from exactly the distribution that the settings describe."""

import math

import pytest
import torch
from torch import Tensor

from inference.engine.noise import uniform
from inference.engine.runner import Draw, Drawn, Failure
from inference.engine.sequence import SamplingSettings
from tests.engine.samplers import sample, way  # noqa: F401  way chooses the sampler

DRAWS = 20_000


def exact(logits: Tensor, temperature: float, top_k: int, top_p: float) -> Tensor:
    """The distribution by the book, with a full sort, in double precision."""
    probabilities = (logits.double() / temperature).softmax(-1)
    values, order = probabilities.sort(descending=True)
    if top_k:
        values[top_k:] = 0
    values /= values.sum()
    values[values.cumsum(-1) - values >= top_p] = 0
    return torch.zeros_like(values).scatter(0, order, values / values.sum())


def frequencies(logits: Tensor, **settings: float) -> Tensor:
    """How often each token is drawn by DRAWS different seeds."""
    draws = [Draw(SamplingSettings(seed=seed, **settings), 0) for seed in range(DRAWS)]
    counts = torch.zeros(len(logits))
    for start in range(0, DRAWS, 1000):
        batch = draws[start : start + 1000]
        for drawn in sample(logits.expand(len(batch), -1), batch):
            counts[drawn.id] += 1
    return counts


def is_plausible(counts: Tensor, expected: Tensor) -> bool:
    """Pearson's chi-square test at about one in a hundred thousand; rare tokens are pooled."""
    expected = expected * counts.sum()
    common = expected >= 5
    found = torch.cat([counts[common], counts[~common].sum()[None]]).double()
    wanted = torch.cat([expected[common], expected[~common].sum()[None]])
    statistic = ((found - wanted) ** 2 / wanted.clamp(min=1e-9))[wanted > 0].sum().item()
    freedom = max(1, int((wanted > 0).sum()) - 1)
    return statistic < freedom + 4.3 * math.sqrt(2 * freedom) + 10


@pytest.mark.parametrize(
    ("temperature", "top_k", "top_p"),
    [(1.0, 0, 1.0), (0.7, 0, 1.0), (1.5, 40, 1.0), (1.0, 0, 0.8), (0.9, 50, 0.7), (2.0, 0, 0.99)],
)
def test_tokens_come_as_often_as_the_distribution_says(
    temperature: float, top_k: int, top_p: float
) -> None:
    logits = 2 * torch.randn(300, generator=torch.Generator().manual_seed(1))
    expected = exact(logits, temperature, top_k, top_p)
    counts = frequencies(logits, temperature=temperature, top_k=top_k, top_p=top_p)
    assert counts[expected == 0].sum() == 0, "a token that was cut off was drawn"
    assert is_plausible(counts, expected)


def test_the_chi_square_test_would_notice_a_slightly_wrong_temperature() -> None:
    logits = 2 * torch.randn(300, generator=torch.Generator().manual_seed(1))
    counts = frequencies(logits, temperature=1.0)
    assert not is_plausible(counts, exact(logits, 1.1, 0, 1.0))


@pytest.mark.parametrize("vocabulary", [5, 64, 900, 5000])
@pytest.mark.parametrize(("top_k", "top_p"), [(0, 0.5), (0, 0.999), (100, 0.9), (2000, 1.0)])
def test_however_wide_the_nucleus_it_is_inverted_exactly(
    vocabulary: int, top_k: int, top_p: float
) -> None:
    logits = torch.randn(vocabulary, generator=torch.Generator().manual_seed(vocabulary))
    expected = exact(logits, 1.0, top_k, top_p)
    cumulated = expected.cumsum(0)
    settings = [SamplingSettings(1.0, top_p, top_k, seed) for seed in range(50)]
    drawn = sample(logits.expand(50, -1), [Draw(one, 3) for one in settings])
    for one, found in zip(settings, drawn, strict=True):
        after, before = cumulated[found.id], cumulated[found.id] - expected[found.id]
        assert before - 1e-5 < uniform(one.seed, 3) < after + 1e-5
        assert expected[found.id] > 0


def test_a_row_draws_the_same_whatever_the_other_rows_ask() -> None:
    logits = torch.randn(40, 3000, generator=torch.Generator().manual_seed(2))
    kinds = [(0.0, 1.0, 0), (1.0, 1.0, 0), (0.8, 0.9, 0), (1.2, 1.0, 30), (1.0, 0.9999, 0)]
    draws = [
        Draw(SamplingSettings(t, p, k, seed=row), row) for row, (t, p, k) in enumerate(kinds * 8)
    ]
    together = sample(logits, draws)
    alone = [sample(logits[row : row + 1], [draws[row]])[0] for row in range(40)]
    backwards = sample(logits.flip(0), draws[::-1])[::-1]
    assert together == alone == backwards


def test_temperature_zero_takes_the_most_probable_token() -> None:
    logits = torch.randn(8, 100, generator=torch.Generator().manual_seed(3))
    drawn = sample(logits, [Draw(SamplingSettings(temperature=0, seed=s), s) for s in range(8)])
    assert [one.id for one in drawn] == logits.argmax(-1).tolist()
    assert all(one.rank == 1 and one.top_ids[0] == one.id for one in drawn)


def test_a_tiny_temperature_is_as_good_as_zero() -> None:
    logits = torch.randn(4, 100, generator=torch.Generator().manual_seed(4)) * 50
    drawn = sample(logits, [Draw(SamplingSettings(temperature=1e-6, seed=s), 0) for s in range(4)])
    assert [one.id for one in drawn] == logits.argmax(-1).tolist()


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_a_row_that_is_not_finite_fails_alone(poison: float) -> None:
    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(5))
    logits[1, 7] = poison
    settings = SamplingSettings(temperature=1.0, top_p=0.9)
    first, second, third = sample(logits, [Draw(settings, 0)] * 3)
    assert isinstance(first, Drawn)
    assert isinstance(second, Failure)
    assert "not finite" in second.error
    assert isinstance(third, Drawn)


def test_a_forbidden_token_is_never_drawn() -> None:
    logits = torch.full((1, 100), -math.inf)
    logits[0, 42] = 0.0
    for top_p in (1.0, 0.5):
        (drawn,) = sample(logits, [Draw(SamplingSettings(temperature=1.0, top_p=top_p), 0)])
        assert drawn.id == 42


def test_the_dice_are_even_and_independent_of_their_neighbours() -> None:
    numbers = torch.tensor([[uniform(s, p) for p in range(100)] for s in range(200)])
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert numbers.mean().item() == pytest.approx(0.5, abs=0.01)
    assert numbers.var().item() == pytest.approx(1 / 12, abs=0.002)
    for first, second in ((numbers[:, 1:], numbers[:, :-1]), (numbers[1:], numbers[:-1])):
        pair = torch.stack([first.flatten(), second.flatten()])
        assert abs(torch.corrcoef(pair)[0, 1].item()) < 0.03
    assert len({uniform(s, p) for p in range(100) for s in range(200)}) == 20_000
    assert uniform(-1, 0) != uniform(1, 0)
