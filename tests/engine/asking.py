"""Short ways to ask an engine and to read an answer to its end."""

from dataclasses import dataclass
from itertools import count
from time import monotonic, sleep
from typing import Any

from inference.engine.answer import Answer
from inference.engine.engine import Engine
from inference.engine.sequence import Ended, Message, Request, SamplingSettings, Token

PATIENCE_S = 30.0
_numbers = count()


@dataclass(frozen=True, slots=True)
class Read:
    """An answer that was read to its end."""

    text: str
    tokens: tuple[Token, ...]
    ended: Ended

    @property
    def ids(self) -> list[int]:
        return [token.id for token in self.tokens]


def ask(engine: Engine, text: str, deadline_s: float = 60.0, **settings: Any) -> Answer:
    """Ask as a user, greedily unless the settings say otherwise."""
    sampling = SamplingSettings(**{"temperature": 0.0, "max_tokens": 24} | settings)
    messages = (Message("user", text),)
    return engine.ask(Request(f"r{next(_numbers)}", messages, sampling, deadline_s))


def read(answer: Answer) -> Read:
    """Everything an answer says, up to its Ended event."""
    text, tokens, until = "", [], monotonic() + PATIENCE_S
    while not isinstance(event := answer.get(timeout=1.0), Ended):
        assert monotonic() < until, "the answer did not end"
        if event is not None:
            text += event.text
            tokens += event.tokens
    assert "".join(token.text for token in tokens) == text
    return Read(text, tuple(tokens), event)


def wait_for(condition: Any) -> None:
    """Wait until something is true that another thread brings about."""
    until = monotonic() + PATIENCE_S
    while not condition():
        assert monotonic() < until, "it never became true"
        sleep(0.002)
