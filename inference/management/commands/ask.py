"""manage.py ask "…": one question to a model of the catalogue, answered in the terminal."""

import random
import sys
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
        parser.add_argument("--stop", action="append", default=[], help="end before this text")

    def handle(self, *args: Any, **options: Any) -> None:
        from inference.engine.engine import Engine  # late: torch takes a second, --help should not
        from inference.engine.errors import EngineError
        from inference.engine.loading import load
        from inference.engine.sequence import Message, Request, SamplingSettings
        from inference.worker import spec_of

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
                top_logprobs=0,
            )
            system = (Message("system", options["system"]),) if options["system"] else ()
            messages = (*system, Message("user", question))
            with Engine(load(spec_of(entry)), slots=1) as engine:
                self._print(engine.ask(Request("ask", messages, settings, 600.0)), seed)
        except (EngineError, CatalogueError) as error:
            raise CommandError(str(error)) from error

    def _print(self, answer: Any, seed: int) -> None:
        """The text to standard output as it comes; the receipt, one line, to standard error."""
        try:
            for chunk in answer:
                self.stdout.write(printable(chunk.text), ending="")
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


def printable(text: str) -> str:
    """Without control characters, so that a model cannot steer the terminal."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() or ord(c) > 0x9F))
