"""Writes down one answer: drawn tokens in, text that may be shown out, and not a letter more."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from inference.engine.errors import InvalidRequest
from inference.engine.model import Vocabulary
from inference.engine.runner import Drawn
from inference.engine.sequence import Alternative, Chunk, SamplingSettings, Token
from inference.engine.stop_strings import StopSearch


class Transcript:
    """The text of one answer as a function of its tokens alone, whatever the timing.

    Text is released when its characters are whole and no stop string can begin in it any more; a
    token is released when its whole text is. What was `given` to continue from is not shown again,
    but its last character may be completed here, and a stop string may begin in it.
    """

    def __init__(
        self, tokenizer: Vocabulary, settings: SamplingSettings, given: Sequence[int] = ()
    ) -> None:
        self._tokenizer = tokenizer
        self._detokenizer = tokenizer.detokenizer()
        self._search = StopSearch(settings.stop)
        self._ready: list[str] = []
        self._released = 0
        self._tokens: deque[tuple[Token, int]] = deque()
        self._end = 0
        self._is_finished = False
        self.count = 0
        self._given = self._continue_from(given)

    def _continue_from(self, given: Sequence[int]) -> int:
        """Read what came before; how many of its characters the search still holds back."""
        for token in given:
            self._search.push(self._detokenizer.push(token))
        if self._search.has_matched:
            raise InvalidRequest(
                "The tokens to continue from already hold a stop string. Continue from fewer "
                "tokens, or ask without this stop string."
            )
        return self._search.held

    @property
    def is_stopped(self) -> bool:
        """Whether a stop string has been found; every later token is dropped."""
        return self._search.has_matched

    def add(self, drawn: Drawn) -> None:
        """Write down one more token."""
        if self.is_stopped:
            return
        self.count += 1
        text = self._detokenizer.push(drawn.id)
        self._end += len(text)
        self._tokens.append((described(drawn, text, self._tokenizer), self._end))
        self._release(self._search.push(text))

    def finish(self) -> None:
        """No token will follow: let go of what was held back."""
        self._is_finished = True
        if self.is_stopped:
            return
        text = self._detokenizer.flush()
        if text and self._tokens:
            token, end = self._tokens.pop()
            self._end = end + len(text)
            self._tokens.append((replace(token, text=token.text + text), self._end))
        self._release(self._search.push(text))
        if not self.is_stopped:
            self._release(self._search.rest())

    def take(self) -> Chunk | None:
        """Everything that became ready since the last call."""
        text = "".join(self._ready)
        tokens = []
        while self._tokens and self._is_settled(*self._tokens[0]):
            tokens.append(self._tokens.popleft()[0])
        self._ready.clear()
        return Chunk(text, tuple(tokens)) if text or tokens else None

    def _is_settled(self, token: Token, end: int) -> bool:
        """Whether nothing that follows can change the text of a token, or drop it.

        A token without text waits for the rest of its character, which may begin a stop string.
        """
        if self._is_finished or self.is_stopped or end != self._released:
            return end <= self._released
        is_open = len(self._tokens) == 1 and self._detokenizer.is_inside_character
        return bool(token.text) and not is_open

    def _release(self, text: str) -> None:
        known = min(len(text), self._given)
        self._given -= known
        text = text[known:]
        self._ready.append(text)
        self._released += len(text)
        if self.is_stopped:
            self._cut_tokens()

    def _cut_tokens(self) -> None:
        """Drop the tokens of the stop string, and shorten the one that it begins in."""
        kept: deque[tuple[Token, int]] = deque()
        for token, end in self._tokens:
            start = end - len(token.text)
            if start < self._released:
                shown = replace(token, text=token.text[: self._released - start])
                kept.append((shown, start + len(shown.text)))
        self._tokens = kept


def described(drawn: Drawn, text: str, tokenizer: Vocabulary) -> Token:
    """A token that was drawn or scored, in words."""
    piece = tokenizer.piece
    chances = drawn.top_sampled or (None,) * len(drawn.top_ids)
    top = zip(drawn.top_ids, drawn.top_logprobs, chances, strict=True)
    alternatives = tuple(Alternative(id, piece(id), logprob, chance) for id, logprob, chance in top)
    return Token(drawn.id, text, drawn.logprob, drawn.rank, alternatives, drawn.sampled)
