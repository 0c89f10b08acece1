"""A site without a server, in a database of its own that is thrown away afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def fresh_site(*, with_statics: bool = True, with_content: bool = True) -> Iterator[None]:
    """Django is ready inside: migrated, and with static files and content as asked for."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        if with_statics:
            call_command("collectstatic", verbosity=0, interactive=False)
        if with_content:
            call_command("load_content", verbosity=0)
        yield
