#!/usr/bin/env python3
"""The command line of the project: `manage.py dev` starts everything on one machine."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(
            "Django is not installed here. Start with ./run, which makes .venv and installs it."
        ) from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
