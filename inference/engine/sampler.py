"""Draws the next token of every sequence of a batch in one pass, each from its own dice.

Everything is computed row by row with operations whose result for a row does not depend on the
other rows, so that a sequence draws the same tokens alone and in a crowd.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from inference.engine.noise import uniform
from inference.engine.runner import Draw, Drawn, Failure

# How many of the most probable tokens are sorted: a row goes on to the next width only if its
# truncation needs more, which spares almost every row the sort of the whole vocabulary.
WIDTHS = (64, 1024)
NOT_A_NUMBER = (
    "The model computed numbers that are not finite for this prompt. "
    "Change the prompt, or run the model in float32."
)


def sample(logits: Tensor, draws: Sequence[Draw]) -> list[Drawn | Failure]:
    """Draw one token per row of `logits` (float32, rows x vocabulary), as `draws` say.

    Temperature comes first, then top-k, then top-p of what is left (the smallest set of most
    probable tokens whose mass reaches top_p; Holtzman et al. 2020), as in most servers.
    """
    logprobs = torch.log_softmax(logits, dim=-1)
    chosen = _chosen(logits, draws)
    picked = logprobs.gather(1, chosen[:, None])
    ranks = (logprobs > picked).sum(dim=-1) + 1
    top = logprobs.topk(min(WIDTHS[0], logprobs.shape[1]), dim=-1)
    fields = zip(
        draws,
        chosen.tolist(),
        picked[:, 0].tolist(),
        ranks.tolist(),
        top.indices.tolist(),
        top.values.tolist(),
        strict=True,
    )
    return [_drawn(*field) for field in fields]


def _drawn(
    draw: Draw, token: int, logprob: float, rank: int, ids: list[int], values: list[float]
) -> Drawn | Failure:
    if not math.isfinite(logprob):
        return Failure(NOT_A_NUMBER)
    count = draw.settings.top_logprobs
    return Drawn(token, logprob, rank, tuple(ids[:count]), tuple(values[:count]))


def _chosen(logits: Tensor, draws: Sequence[Draw]) -> Tensor:
    """The id for every row, shape (rows,): greedy, from the whole vocabulary, or truncated."""
    chosen = logits.argmax(dim=-1)
    warm = [row for row, draw in enumerate(draws) if draw.settings.temperature > 0]
    whole = [row for row in warm if not _is_truncated(draws[row], logits.shape[1])]
    cut = [row for row in warm if _is_truncated(draws[row], logits.shape[1])]
    if whole:
        weights, dice = _tempered(logits, draws, whole)
        chosen[whole] = _inverse(weights, dice)
    if cut:
        weights, dice = _tempered(logits, draws, cut)
        chosen[cut] = _truncated(weights, dice, [draws[row] for row in cut])
    return chosen


def _is_truncated(draw: Draw, vocabulary: int) -> bool:
    return draw.settings.top_p < 1 or 0 < draw.settings.top_k < vocabulary


def _tempered(logits: Tensor, draws: Sequence[Draw], rows: list[int]) -> tuple[Tensor, Tensor]:
    """The probabilities of `rows` at their temperatures, and one uniform number for each."""
    settings = [draws[row].settings for row in rows]
    temperature = logits.new_tensor([one.temperature for one in settings])
    scores = logits[rows]
    scores = (scores - scores.amax(dim=-1, keepdim=True)) / temperature[:, None]
    dice = [uniform(draws[row].settings.seed, draws[row].position) for row in rows]
    return torch.softmax(scores, dim=-1), logits.new_tensor(dice)


def _inverse(weights: Tensor, dice: Tensor) -> Tensor:
    """Where each row's cumulated weight passes its share: the inverse of the distribution."""
    cumulated = weights.cumsum(dim=-1)
    total = cumulated[:, -1]
    # Rounding must not lift the target to the total, beyond which no token lies.
    target = torch.minimum(dice * total, torch.nextafter(total, torch.zeros_like(total)))
    found = torch.searchsorted(cumulated, target[:, None], right=True)[:, 0]
    return found.clamp_(max=weights.shape[1] - 1)  # only a row of NaN gets there


def _truncated(weights: Tensor, dice: Tensor, draws: Sequence[Draw]) -> Tensor:
    """Draw from the top_k most probable tokens, of these the top_p share."""
    vocabulary = weights.shape[1]
    keep = weights.new_tensor(
        [draw.settings.top_k or vocabulary for draw in draws], dtype=torch.long
    ).clamp_(max=vocabulary)
    share = weights.new_tensor([draw.settings.top_p for draw in draws])
    chosen = torch.zeros_like(keep)
    pending = torch.arange(len(draws), device=weights.device)
    for width in (*(one for one in WIDTHS if one < vocabulary), vocabulary):
        limit, wanted = keep[pending], share[pending]
        values, ids = weights[pending].topk(width, dim=-1)
        kept, is_settled = _nucleus(values, limit, wanted, vocabulary)
        drawn = ids.gather(1, _inverse(kept, dice[pending])[:, None])[:, 0]
        settled = is_settled | (width == vocabulary)
        chosen[pending[settled]] = drawn[settled]
        pending = pending[~settled]
        if not len(pending):
            break
    return chosen


def _nucleus(values: Tensor, keep: Tensor, share: Tensor, vocabulary: int) -> tuple[Tensor, Tensor]:
    """The weights that survive among the sorted `values`, and whether no others could."""
    width = values.shape[1]
    inside = torch.arange(width, device=values.device) < keep[:, None]
    mass = (values * inside).cumsum(dim=-1)
    total = mass[:, -1]
    # Without top-k the whole weighs 1; with it, the share is one of the top_k tokens' mass.
    goal = share * torch.where(keep <= width, total, 1.0)
    kept = values * (inside & (mass - values < goal[:, None]))
    return kept, (keep <= width) | ((keep == vocabulary) & (total >= goal))
