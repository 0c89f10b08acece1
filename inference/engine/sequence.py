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
    """How the next token is chosen: temperature 0 is greedy, and the defaults change nothing.

    The logits go through the bias, the penalties and the temperature, in this order; then top_k,
    top_p and min_p cut off what is improbable. The repetition penalty (Keskar et al. 2019)
    concerns every token of the prompt and the answer; frequency and presence penalty, as OpenAI
    defines them, those of the answer. A stop token ends the answer and is no part of it; with
    `ignore_eos` the model's own end tokens are written like any other.
    """

    temperature: float = 0.7
    top_p: float = 1.0
    top_k: int = 0
    seed: int = 0
    max_tokens: int = 256
    stop: tuple[str, ...] = ()
    top_logprobs: int = 5
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    frequency_penalty: float = 0.0
    presence_penalty: float = 0.0
    logit_bias: tuple[tuple[int, float], ...] = ()
    stop_tokens: tuple[int, ...] = ()
    ignore_eos: bool = False
    sampled_probabilities: bool = False

    def __post_init__(self) -> None:
        checks = self._draw_checks() | self._end_checks()
        broken = [rule for rule, is_kept in checks.items() if not is_kept]
        if broken:
            raise InvalidRequest(f"{'; '.join(broken)}.")

    @property
    def is_penalising(self) -> bool:
        """Whether the next token depends on which tokens there are already."""
        return (self.repetition_penalty, self.frequency_penalty, self.presence_penalty) != (1, 0, 0)

    def _draw_checks(self) -> dict[str, bool]:
        biased = [token for token, _ in self.logit_bias]
        penalties = {"frequency": self.frequency_penalty, "presence": self.presence_penalty}
        return {
            "temperature must be a finite number of at least 0": math.isfinite(self.temperature)
            and self.temperature >= 0,
            "top_p must be above 0 and at most 1": 0 < self.top_p <= 1,
            "top_k must be at least 0": self.top_k >= 0,
            "min_p must be between 0 and 1": 0 <= self.min_p <= 1,
            "repetition_penalty must be between 0.1 and 10": 0.1 <= self.repetition_penalty <= 10,
            "logit_bias must be between -100 and 100 and name each token once": all(
                -100 <= bias <= 100 for _, bias in self.logit_bias
            )
            and len(set(biased)) == len(biased),
        } | {
            f"{name}_penalty must be between -2 and 2": -2 <= value <= 2
            for name, value in penalties.items()
        }

    def _end_checks(self) -> dict[str, bool]:
        most = MOST_ALTERNATIVES
        return {
            "max_tokens must be at least 1": self.max_tokens >= 1,
            "stop must hold no empty string": all(self.stop),
            f"top_logprobs must be between 0 and {most}": 0 <= self.top_logprobs <= most,
        }


@dataclass(frozen=True, slots=True)
class Request:
    """What a reader asks: the messages, the settings and the seconds after which to give up.

    `generated` are tokens of an answer to continue (a fork). They count towards max_tokens, keep
    their places in the dice of the seed and are not delivered again.
    """

    id: str
    messages: tuple[Message, ...]
    settings: SamplingSettings
    deadline_s: float = 60.0
    generated: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if len(self.generated) >= self.settings.max_tokens:
            raise InvalidRequest(
                f"There are {len(self.generated)} generated tokens to continue from, and "
                f"max_tokens is {self.settings.max_tokens}. Raise max_tokens or give fewer tokens."
            )


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token the model could have written at the same place, with its natural log-probability.

    `sampled` is its probability in the distribution that was drawn from, if that was asked for.
    """

    id: int
    text: str
    logprob: float
    sampled: float | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A written token.

    `logprob` is the natural logarithm of the softmax of the raw logits, before bias, penalties,
    temperature and truncation; `rank` is 1 for the most probable token. `sampled` is the
    probability after all of these, if the settings ask for it. A character that is split over
    several tokens belongs to the last of them, the others carry an empty text.
    """

    id: int
    text: str
    logprob: float
    rank: int
    top: tuple[Alternative, ...]
    sampled: float | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of the answer: whole characters only, with the tokens that are complete by now."""

    text: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """How many tokens were read and written; the token that ends an answer is not counted.

    The tokens that a fork continues from were read. `cached_tokens` of those that were read had
    been read for somebody else before.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


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
