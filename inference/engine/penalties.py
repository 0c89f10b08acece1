"""Logit bias and penalties for the whole batch in one pass, before anything is drawn."""

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from inference.engine.runner import Draw


def adjusted_rows(draws: Sequence[Draw]) -> list[int]:
    """The rows whose logits are not drawn from as they are."""
    return [
        row
        for row, draw in enumerate(draws)
        if draw.history is not None or draw.settings.logit_bias
    ]


def adjusted(logits: Tensor, draws: Sequence[Draw]) -> Tensor:
    """A copy of `logits` (rows x vocabulary) with each row's bias and penalties applied.

    The bias is added first, then comes the repetition penalty (Keskar et al., "CTRL", 2019): the
    logit of every token that is in the sequence is divided by it if positive, else multiplied.
    Frequency and presence penalty are subtracted, as in OpenAI's definition
    c * frequency + (c > 0) * presence, c being how often a token has been written.
    """
    scores = logits.clone()
    _add_bias(scores, draws)
    _penalise_repetition(scores, draws)
    _penalise_frequency(scores, draws)
    return scores


def _add_bias(scores: Tensor, draws: Sequence[Draw]) -> None:
    entries = [
        (row, token, bias)
        for row, draw in enumerate(draws)
        for token, bias in draw.settings.logit_bias
    ]
    if entries:
        rows, tokens, biases = _columns(scores, entries)
        scores[rows, tokens] += biases


def _penalise_repetition(scores: Tensor, draws: Sequence[Draw]) -> None:
    entries = [
        (row, token, draw.settings.repetition_penalty)
        for row, draw in enumerate(draws)
        if draw.history is not None and draw.settings.repetition_penalty != 1
        for token in draw.history.seen
    ]
    if entries:
        rows, tokens, penalties = _columns(scores, entries)
        found = scores[rows, tokens]
        scores[rows, tokens] = torch.where(found < 0, found * penalties, found / penalties)


def _penalise_frequency(scores: Tensor, draws: Sequence[Draw]) -> None:
    entries = [
        (row, token, count * draw.settings.frequency_penalty + draw.settings.presence_penalty)
        for row, draw in enumerate(draws)
        if draw.history is not None
        and (draw.settings.frequency_penalty or draw.settings.presence_penalty)
        for token, count in draw.history.written.items()
    ]
    if entries:
        rows, tokens, penalties = _columns(scores, entries)
        scores[rows, tokens] -= penalties


def _columns(
    scores: Tensor, entries: Iterable[tuple[int, int, float]]
) -> tuple[Tensor, Tensor, Tensor]:
    """(row, token, value) of each entry as three tensors; no place occurs twice."""
    rows, tokens, values = zip(*entries, strict=True)
    device = scores.device
    return (
        torch.tensor(rows, device=device),
        torch.tensor(tokens, device=device),
        torch.tensor(values, device=device, dtype=scores.dtype),
    )
