"""manage.py bench engine|serving: the tables of docs/performance.md, measured here."""

import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

WHAT = {
    "engine": "tokens per second beside llama.cpp, openvino-genai and transformers",
    "serving": "live runs over a real socket",
    "pages": "how long pages take",
    "start": "from a fresh clone to the first token",
}


class Command(BaseCommand):
    help = "Measure side by side and print tables: " + "; ".join(
        f"{name}: {about}" for name, about in WHAT.items()
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=WHAT)
        parser.add_argument("rest", nargs="*", help="for the measurement itself, after --")

    def handle(self, *args: Any, **options: Any) -> None:
        command = [sys.executable, "-m", f"bench.{options['what']}", *options["rest"]]
        if code := subprocess.call(command, cwd=settings.BASE_DIR):  # noqa: S603  our own module
            raise CommandError(f"The measurement ended with code {code}.", returncode=code)
