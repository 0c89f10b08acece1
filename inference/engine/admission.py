"""Refuses what cannot be answered before anything is queued."""

from collections.abc import Sequence

from inference.engine.errors import PromptTooLong, UnknownToken
from inference.engine.model import LoadedModel


def room_after(prompt: Sequence[int], model: LoadedModel) -> int:
    """How many tokens fit behind a prompt, at least one; raises PromptTooLong."""
    room = model.context - len(prompt)
    if room < 1:
        raise PromptTooLong(len(prompt), model.context)
    return room


def check_known(tokens: Sequence[int], model: LoadedModel) -> None:
    """Raise UnknownToken for an id that is not in the vocabulary."""
    vocabulary = model.runner.vocabulary
    for token in tokens:
        if not 0 <= token < vocabulary:
            raise UnknownToken(token, vocabulary)
