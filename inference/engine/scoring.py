"""Reads probabilities off logits without drawing: how likely a text was, what may come next."""

import math

import torch
from torch import Tensor

from inference.engine.runner import Drawn, Failure, Peeked
from inference.engine.sampler import NOT_FINITE


def scored(logits: Tensor, targets: Tensor, count: int) -> list[Drawn] | Failure:
    """What `logits` (positions x vocabulary, float32) say of `targets` (positions,).

    Each target comes with its log-probability, its rank and the `count` most probable tokens.
    """
    logprobs = torch.log_softmax(logits, dim=-1)
    picked = logprobs.gather(1, targets[:, None])
    if not bool(torch.isfinite(picked).all()):
        return Failure(NOT_FINITE)
    ranks = (logprobs > picked).sum(dim=-1) + 1
    top = logprobs.topk(min(count, logprobs.shape[1]), dim=-1)
    fields = zip(
        targets.tolist(),
        picked[:, 0].tolist(),
        ranks.tolist(),
        map(tuple, top.indices.tolist()),
        map(tuple, top.values.tolist()),
        strict=True,
    )
    return [Drawn(*field) for field in fields]


def peeked(logits: Tensor, count: int) -> Peeked | Failure:
    """The `count` largest of `logits` (vocabulary,), float32, largest first."""
    top = logits.topk(min(count, len(logits)))
    values = top.values.tolist()
    normaliser = torch.logsumexp(logits, dim=-1).item()
    if not math.isfinite(normaliser):
        return Failure(NOT_FINITE)
    logprobs = tuple(value - normaliser for value in values)
    return Peeked(tuple(top.indices.tolist()), tuple(values), logprobs)
