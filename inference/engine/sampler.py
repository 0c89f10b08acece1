"""Draws the next token of every sequence of a batch in one pass, each from its own dice.

Everything is computed row by row with operations whose result for a row does not depend on the
other rows, so that a sequence draws the same tokens alone and in a crowd.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from inference.engine.noise import uniform
from inference.engine.penalties import adjusted, adjusted_rows
from inference.engine.runner import Draw, Drawn, Failure

# How many of the most probable tokens are looked at first: most truncations end among them, and
# only the rows for which more is needed have their whole vocabulary sorted.
FIRST_LOOK = 64
NOT_FINITE = (
    "The model computed numbers that are not finite for this prompt. "
    "Change the prompt, or run the model in float32."
)


def sample(logits: Tensor, draws: Sequence[Draw]) -> list[Drawn | Failure]:
    """Draw one token per row of `logits` (float32, rows x vocabulary), as `draws` say.

    Bias and penalties come first, then temperature, then top-k, then top-p of what is left (the
    smallest set of most probable tokens whose mass reaches top_p; Holtzman et al. 2020), then
    min-p (what has at least that share of the most probable token's probability), in the order of
    transformers. Tokens exactly as probable as the last one that is kept are kept too.
    """
    logprobs = torch.log_softmax(logits, dim=-1)
    top = logprobs.topk(min(FIRST_LOOK, logprobs.shape[1]), dim=-1)
    scores, likeliest = _scores(logits, top.indices, draws)
    chosen = scores.argmax(dim=-1)
    warm = [row for row, draw in enumerate(draws) if draw.settings.temperature > 0]
    weights = _weights(scores[warm], likeliest[warm], [draws[row] for row in warm])
    if warm:
        dice = [uniform(draws[row].settings.seed, draws[row].position) for row in warm]
        chosen[warm] = _inverse(weights, logits.new_tensor(dice))
    picked = logprobs.gather(1, chosen[:, None])
    ranks = (logprobs > picked).sum(dim=-1) + 1
    fields = zip(
        draws,
        chosen.tolist(),
        picked[:, 0].tolist(),
        ranks.tolist(),
        top.indices.tolist(),
        top.values.tolist(),
        _chances(weights, warm, chosen, top.indices, draws),
        strict=True,
    )
    return [_drawn(*field) for field in fields]


def _drawn(
    draw: Draw,
    token: int,
    logprob: float,
    rank: int,
    ids: list[int],
    values: list[float],
    chances: list[float] | None,
) -> Drawn | Failure:
    if not math.isfinite(logprob):
        return Failure(NOT_FINITE)
    count = draw.settings.top_logprobs
    drawn = Drawn(token, logprob, rank, tuple(ids[:count]), tuple(values[:count]))
    if chances is None:
        return drawn
    return replace(drawn, sampled=chances[0], top_sampled=tuple(chances[1 : count + 1]))


def _scores(logits: Tensor, likeliest: Tensor, draws: Sequence[Draw]) -> tuple[Tensor, Tensor]:
    """The logits to draw from, and the ids of each row's largest ones in descending order."""
    rows = adjusted_rows(draws)
    if not rows:
        return logits, likeliest
    changed = adjusted(logits[rows], [draws[row] for row in rows])
    scores, likeliest = logits.clone(), likeliest.clone()
    scores[rows] = changed
    likeliest[rows] = changed.topk(likeliest.shape[1], dim=-1).indices
    return scores, likeliest


def _weights(scores: Tensor, likeliest: Tensor, draws: Sequence[Draw]) -> Tensor:
    """How probable every token is after temperature and truncation; the rows need not sum to 1."""
    if not draws:
        return scores
    weights = _tempered(scores, draws)
    cut = [row for row, draw in enumerate(draws) if _is_truncated(draw, scores.shape[1])]
    if cut:
        weights[cut] = _truncated(weights[cut], likeliest[cut], [draws[row] for row in cut])
    return weights


def _chances(
    weights: Tensor, warm: list[int], chosen: Tensor, ids: Tensor, draws: Sequence[Draw]
) -> list[list[float] | None]:
    """For the rows that ask: the probability by which the chosen token and `ids` were drawn."""
    found: list[list[float] | None] = [None] * len(draws)
    asking = [row for row, draw in enumerate(draws) if draw.settings.sampled_probabilities]
    if not asking:
        return found
    place = {row: place for place, row in enumerate(warm)}
    final = weights.new_zeros(len(asking), weights.shape[1]).scatter_(1, chosen[asking, None], 1.0)
    drawn = [at for at, row in enumerate(asking) if row in place]
    if drawn:
        rows = weights[[place[asking[at]] for at in drawn]]
        final[drawn] = rows / rows.sum(dim=-1, keepdim=True)
    shown = torch.cat([chosen[asking, None], ids[asking]], dim=1)
    for row, values in zip(asking, final.gather(1, shown).tolist(), strict=True):
        found[row] = values
    return found


def _is_truncated(draw: Draw, vocabulary: int) -> bool:
    settings = draw.settings
    return settings.top_p < 1 or settings.min_p > 0 or 0 < settings.top_k < vocabulary


def _tempered(logits: Tensor, draws: Sequence[Draw]) -> Tensor:
    """The probabilities of each row at its temperature."""
    temperature = logits.new_tensor([draw.settings.temperature for draw in draws])
    scores = (logits - logits.amax(dim=-1, keepdim=True)) / temperature[:, None]
    return torch.softmax(scores, dim=-1)


def _inverse(weights: Tensor, dice: Tensor) -> Tensor:
    """Where each row's cumulated weight passes its share: the inverse of the distribution."""
    cumulated = weights.cumsum(dim=-1)
    total = cumulated[:, -1]
    # Rounding must not lift the target to the total, beyond which no token lies.
    target = torch.minimum(dice * total, torch.nextafter(total, torch.zeros_like(total)))
    found = torch.searchsorted(cumulated, target[:, None], right=True)[:, 0]
    return found.clamp_(max=weights.shape[1] - 1)  # only a row of NaN gets there


def _truncated(weights: Tensor, likeliest: Tensor, draws: Sequence[Draw]) -> Tensor:
    """The weights with nothing left outside of each row's top_k, top_p and min_p."""
    vocabulary = weights.shape[1]
    counts = [min(draw.settings.top_k or vocabulary, vocabulary) for draw in draws]
    keep = torch.tensor(counts, device=weights.device)
    share = weights.new_tensor([draw.settings.top_p for draw in draws])
    floor, is_found = _floor(weights.gather(1, likeliest), keep, share, vocabulary)
    left = (~is_found).nonzero()[:, 0]
    if len(left):
        ordered = _descending(weights[left])
        floor[left] = _floor(ordered, keep[left], share[left], vocabulary)[0]
    least = weights.new_tensor([draw.settings.min_p for draw in draws])
    floor = torch.maximum(floor, least * weights.amax(dim=-1))
    return torch.where(weights >= floor[:, None], weights, 0.0)


def _floor(ordered: Tensor, keep: Tensor, share: Tensor, vocabulary: int) -> tuple[Tensor, Tensor]:
    """The least weight to keep, and whether the first weights in descending order tell it."""
    width = ordered.shape[1]
    mass = ordered.cumsum(dim=-1)
    last = keep.clamp(max=width) - 1
    # Without top-k the whole weighs 1; with it, the share is one of the top_k tokens' mass.
    whole = torch.where(keep <= width, mass.gather(1, last[:, None])[:, 0], 1.0)
    goal = share * whole
    reached = torch.minimum((mass < goal[:, None]).sum(dim=-1), last)
    place = torch.where(share < 1, reached, last)
    is_whole = (keep == vocabulary) & (share >= 1)  # only min_p cuts here
    is_found = is_whole | (keep <= width) | ((keep == vocabulary) & (mass[:, -1] >= goal))
    return torch.where(is_whole, 0.0, ordered.gather(1, place[:, None])[:, 0]), is_found


def _descending(weights: Tensor) -> Tensor:
    """Each row sorted; on a CPU by numpy, whose sort of bare values is some thirty times faster."""
    if weights.device.type != "cpu":
        return weights.sort(dim=-1, descending=True).values
    return torch.from_numpy(-np.sort(-weights.numpy(), axis=-1))
