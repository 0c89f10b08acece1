"""manage.py ask "…": one question to a model of the catalogue, answered in the terminal."""

import random
import sys
from math import exp
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from inference.catalogue import CatalogueError, catalogue


class Command(BaseCommand):
    help = "Ask a model in the terminal. Needs no running site: the model is loaded right here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("question", help='the question, or "-" to read it from standard input')
        parser.add_argument("--model", help="an id from models.toml (default: its default)")
        parser.add_argument("--system", default="", help="a system message before the question")
        parser.add_argument("--temperature", type=float, default=0.7)
        parser.add_argument("--top-p", type=float, default=0.95)
        parser.add_argument("--top-k", type=int, default=0)
        parser.add_argument("--max-tokens", type=int, default=200)
        parser.add_argument("--seed", type=int, help="repeat a draw (default: a random one)")
        parser.add_argument("--min-p", type=float, default=0.0)
        parser.add_argument("--repetition-penalty", type=float, default=1.0)
        parser.add_argument("--frequency-penalty", type=float, default=0.0)
        parser.add_argument("--presence-penalty", type=float, default=0.0)
        parser.add_argument(
            "--ignore-eos", action="store_true", help="write on where the model would end"
        )
        parser.add_argument(
            "--logprobs",
            type=int,
            default=0,
            metavar="K",
            help="list every token with its probability and its K likeliest alternatives",
        )
        parser.add_argument(
            "--score", action="store_true", help="do not answer: say how probable the text is"
        )
        parser.add_argument("--stop", action="append", default=[], help="end before this text")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.engine import Engine  # late: torch takes a second, --help should not
        from inference.engine.errors import EngineError
        from inference.engine.loading import load
        from inference.engine.sequence import Message, Request, SamplingSettings
        from inference.worker import spec_of, upstream_engine

        question = sys.stdin.read() if options["question"] == "-" else options["question"]
        seed = options["seed"] if options["seed"] is not None else random.randrange(2**31)  # noqa: S311
        try:
            offered = catalogue()
            entry = offered.by_id.get(options["model"] or offered.default_id)
            if entry is None:
                raise CommandError(f"No such model. On offer: {', '.join(offered.by_id)}.")
            settings = SamplingSettings(
                temperature=options["temperature"],
                top_p=options["top_p"],
                top_k=options["top_k"],
                seed=seed,
                max_tokens=options["max_tokens"],
                stop=tuple(options["stop"]),
                min_p=options["min_p"],
                repetition_penalty=options["repetition_penalty"],
                frequency_penalty=options["frequency_penalty"],
                presence_penalty=options["presence_penalty"],
                ignore_eos=options["ignore_eos"],
                top_logprobs=options["logprobs"],
            )
            system = (Message("system", options["system"]),) if options["system"] else ()
            messages = (*system, Message("user", question))
            if entry.backend == "openai":
                elsewhere = upstream_engine(entry, slots=1)
                self._print(elsewhere.ask(Request("ask", messages, settings, 600.0)), seed)
                return
            with Engine(load(spec_of(entry)), slots=1) as engine:
                if options["score"]:
                    self._print_score(engine.score(question, options["logprobs"]))
                else:
                    answer = engine.ask(Request("ask", messages, settings, 600.0))
                    self._print(answer, seed, has_tokens=options["logprobs"] > 0)
        except (EngineError, CatalogueError) as error:
            raise CommandError(str(error)) from error

    def _print_score(self, scoring: Any) -> None:
        """Each token of a text with its probability, then the perplexity."""
        for token in scoring.tokens:
            self.stdout.write(described(token))
        self.stderr.write(
            f"{len(scoring.tokens)} tokens, log-probability {scoring.logprob:.2f}, "
            f"perplexity {scoring.perplexity:.2f}"
        )

    def _print(self, answer: Any, seed: int, *, has_tokens: bool = False) -> None:
        """The text to standard output as it comes; the receipt, one line, to standard error."""
        try:
            for chunk in answer:
                text = "" if has_tokens else printable(chunk.text)
                lines = [f"{described(token)}\n" for token in chunk.tokens] if has_tokens else []
                self.stdout.write("".join([text, *lines]), ending="")
                self.stdout.flush()
        except KeyboardInterrupt:
            answer.stop()
        self.stdout.write("")
        ended = answer.ended
        if ended is None:
            return
        if ended.error:
            raise CommandError(ended.error)
        self.stderr.write(
            f"{ended.usage.completion_tokens} tokens, {ended.timings.tokens_per_second:.0f}/s, "
            f"first after {ended.timings.first_token_s * 1000:.0f} ms, seed {seed}, {ended.reason}"
        )


def described(token: Any) -> str:
    """One line: the token, its probability, and what else the model considered."""
    others = ", ".join(f"{printable(one.text)!r} {exp(one.logprob):.1%}" for one in token.top)
    share = f"{exp(token.logprob):6.1%}  {printable(token.text)!r}"
    return f"{share}  ({others})" if others else share


def printable(text: str) -> str:
    """Without control characters, so that a model cannot steer the terminal."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or ord(c) > 0x9F))
