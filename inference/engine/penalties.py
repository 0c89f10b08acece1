"""Logit bias and penalties for the whole batch in one pass, before anything is drawn."""

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.engine.runner import Draw

Numbers = npt.NDArray[Any]


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
    rows = [(row, draw.settings) for row, draw in enumerate(draws) if draw.settings.logit_bias]
    pairs = [np.array(settings.logit_bias, dtype=np.float64).T for _, settings in rows]
    if rows:
        places = _places(scores, [row for row, _ in rows], [tokens for tokens, _ in pairs])
        scores[places] += scores.new_tensor(np.concatenate([biases for _, biases in pairs]))


def _penalise_repetition(scores: Tensor, draws: Sequence[Draw]) -> None:
    rows = [
        (row, draw.settings.repetition_penalty, _array(draw.history.seen))
        for row, draw in enumerate(draws)
        if draw.history is not None and draw.settings.repetition_penalty != 1
    ]
    if rows:
        places = _places(scores, [row for row, *_ in rows], [seen for *_, seen in rows])
        penalties = np.concatenate([np.full(len(seen), penalty) for _, penalty, seen in rows])
        factor, found = scores.new_tensor(penalties), scores[places]
        scores[places] = torch.where(found < 0, found * factor, found / factor)


def _penalise_frequency(scores: Tensor, draws: Sequence[Draw]) -> None:
    rows = [
        (row, draw.settings, draw.history.written)
        for row, draw in enumerate(draws)
        if draw.history is not None
        and (draw.settings.frequency_penalty or draw.settings.presence_penalty)
    ]
    if rows:
        places = _places(
            scores, [row for row, *_ in rows], [_array(written) for *_, written in rows]
        )
        penalties = [
            _array(written.values()) * settings.frequency_penalty + settings.presence_penalty
            for _, settings, written in rows
        ]
        scores[places] -= scores.new_tensor(np.concatenate(penalties))


def _array(numbers: Collection[int]) -> Numbers:
    return np.fromiter(numbers, dtype=np.int64, count=len(numbers))


def _places(scores: Tensor, rows: list[int], tokens: list[Numbers]) -> tuple[Tensor, Tensor]:
    """The index of the `tokens` of each of the `rows`; none occurs twice."""
    lengths = [len(one) for one in tokens]
    columns = np.concatenate(tokens).astype(np.int64)
    index = torch.from_numpy(np.stack([np.repeat(rows, lengths), columns])).to(scores.device)
    return index[0], index[1]
