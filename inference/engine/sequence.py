"""What travels through the engine: a request goes in, tokens come out, one end closes it."""

import math
from dataclasses import dataclass

from inference.engine.errors import InvalidRequest

ROLES = ("system", "user", "assistant")
MOST_ALTERNATIVES = 20


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation, as plain text; nothing in it is ever read as a control token."""

    role: str
    content: str

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise InvalidRequest(f"The role {self.role!r} is unknown. Use one of {ROLES}.")
        try:
            self.content.encode()
        except UnicodeEncodeError as error:
            raise InvalidRequest("The text holds half a character. Type it again.") from error


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How the next token is chosen: temperature 0 is greedy, top_k 0 and top_p 1 cut nothing."""

    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    top_logprobs: int = 5

    def __post_init__(self) -> None:
        checks = {
            "temperature must be a finite number of at least 0": math.isfinite(self.temperature)
            and self.temperature >= 0,
            "top_p must be above 0 and at most 1": 0 < self.top_p <= 1,
            "top_k must be at least 0": self.top_k >= 0,
            "max_tokens must be at least 1": self.max_tokens >= 1,
            "stop must hold no empty string": all(self.stop),
            f"top_logprobs must be between 0 and {MOST_ALTERNATIVES}": 0
            <= self.top_logprobs
            <= MOST_ALTERNATIVES,
        }
        broken = [rule for rule, is_kept in checks.items() if not is_kept]
        if broken:
            raise InvalidRequest(f"{'; '.join(broken)}.")


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader asks: the messages, the settings and the seconds after which to give up."""

    id: str
    messages: tuple[Message, ...]
    settings: SamplingSettings
    deadline_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token the model could have written at the same place, with its natural log-probability."""

    id: int
    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Token:
    """A written token.

    `logprob` is the natural logarithm of the softmax of the raw logits, before temperature and
    truncation; `rank` is 1 for the most probable token. A character that is split over several
    tokens belongs to the last of them, the others carry an empty text.
    """

    id: int
    text: str
    logprob: float
    rank: int
    top: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer: whole characters only, with the tokens that are complete by now."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens were read and written; the token that ends an answer is not counted."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Where the seconds went; `first_token_s` and `total_s` count from the submission.

    `tokens_per_second` is the rate after the first token, and 0 when there was no second one.
    """

    queue_s: float
    prefill_s: float
    first_token_s: float
    total_s: float
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event of every answer.

    `reason` is stop (the model ended it), stop_string, length, stopped (by the reader), deadline
    or failed; only failed carries a sentence in `error`.
    """

    reason: str
    usage: Usage
    timings: Timings
    error: str = ""
