"""The sampler as compiled code: the same rules as sampler.py, row by row, without sorting."""

import ctypes
import math
from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from inference.engine.backends.native.library import Dice, Token
from inference.engine.noise import uniform
from inference.engine.penalties import adjusted, adjusted_rows
from inference.engine.runner import Draw, Drawn, Failure
from inference.engine.sampler import NOT_FINITE
from inference.engine.sequence import SamplingSettings


def draw(
    library: ctypes.CDLL, logits: Tensor, draws: Sequence[Draw], handle: int | None = None
) -> list[Drawn | Failure]:
    """Draw one token per row of `logits` (float32, rows x vocabulary); see sample().

    The threads of the model with `handle` take part.
    """
    logits = logits.contiguous()
    scores = _scores(logits, draws)
    rows, vocabulary = logits.shape
    dice = (Dice * rows)(*(_dice(one, vocabulary) for one in draws))
    tokens = (Token * rows)()
    library.draw_tokens(
        handle, rows, vocabulary, logits.data_ptr(), scores.data_ptr(), dice, tokens
    )
    return [
        _drawn(token, one, scores[row])
        for row, (token, one) in enumerate(zip(tokens, draws, strict=True))
    ]


def _scores(logits: Tensor, draws: Sequence[Draw]) -> Tensor:
    """The logits to draw from."""
    rows = adjusted_rows(draws)
    if not rows:
        return logits
    scores = logits.clone()
    scores[rows] = adjusted(logits[rows], [draws[row] for row in rows])
    return scores


def _dice(one: Draw, vocabulary: int) -> Dice:
    settings = one.settings
    shown = min(settings.top_logprobs, vocabulary)
    number = uniform(settings.seed, one.position) if settings.temperature > 0 else 0.0
    return Dice(settings.temperature, settings.top_p, settings.min_p, settings.top_k, shown, number)


def _drawn(token: Token, one: Draw, scores: Tensor) -> Drawn | Failure:
    if not math.isfinite(token.logprob):
        return Failure(NOT_FINITE)
    settings = one.settings
    shown = min(settings.top_logprobs, len(scores))
    ids = tuple(token.shown_ids[:shown])
    drawn = Drawn(token.id, token.logprob, token.rank, ids, tuple(token.shown_logprobs[:shown]))
    if not settings.sampled_probabilities:
        return drawn
    chances = [_chance(scores[id].item(), token, settings, id) for id in (token.id, *ids)]
    return replace(drawn, sampled=chances[0], top_sampled=tuple(chances[1:]))


def _chance(score: float, token: Token, settings: SamplingSettings, id: int) -> float:
    """How probable a token was in the distribution that was drawn from."""
    if settings.temperature == 0:
        return float(id == token.id)
    weight = math.exp((score - token.best) / settings.temperature)
    # The floor was computed in float32: what is on it must not fall below by rounding here.
    return weight / token.mass if weight >= token.floor * (1 - 1e-5) else 0.0
