"""Checks the files under content/ and brings the database in step with them."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from guide.content.checking import check
from guide.content.fingerprint import fingerprint
from guide.content.loading import Report, load
from guide.content.reading import Library, read_library
from guide.content.reports import counts, reports
from guide.models import ContentStamp


class Command(BaseCommand):
    help = "Check the content files and load what changed; all or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="only check and report, write nothing"
        )
        parser.add_argument(
            "--strict", action="store_true", help="with --check: a report is a failure as well"
        )
        parser.add_argument(
            "--force", action="store_true", help="let the files win over edits made in the admin"
        )
        parser.add_argument("--folder", type=Path, default=None, help="another content folder")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = options["folder"] or settings.CONTENT_DIR
        if not folder.is_dir():
            raise CommandError(f"There is no folder {folder}; set CONTENT_DIR or give --folder.")
        files = fingerprint(folder)
        # A check needs no database at all.
        is_load = not (options["check"] or options["force"])
        if is_load and ContentStamp.is_loaded(files):
            self.stdout.write("Nothing changed since the last load, neither files nor rows.")
            return
        library = self._good(folder)
        sizes = (
            f"{len(library.definitions)} definitions, {len(library.contrasts)} contrasts "
            f"and {len(library.prompts)} prompts"
        )
        if options["check"]:
            self.stdout.write(f"{sizes}: every rule is kept.")
            self._report(library, is_strict=options["strict"])
            return
        report = load(library, force=options["force"])
        self._tell(report, sizes)
        if not report.conflicts:
            ContentStamp.remember_load(files)

    def _good(self, folder: Path) -> Library:
        """What the files hold, if every rule is kept."""
        library = read_library(folder)
        errors = check(library)
        for error in errors:
            self.stderr.write(error)
        if errors:
            raise CommandError(f"{len(errors)} problem(s) in the content; nothing was loaded.")
        return library

    def _report(self, library: Library, *, is_strict: bool) -> None:
        """What a reviewer should look at, and how much there is."""
        found = reports(library)
        for sentence in found:
            self.stderr.write(f"look at {sentence}")
        self.stdout.write(f"{len(found)} report(s). {counts(library)}")
        if found and is_strict:
            raise CommandError(f"{len(found)} report(s), and --strict allows none.")

    def _tell(self, report: Report, sizes: str) -> None:
        self.stdout.write(
            f"{sizes}: {len(report.created)} new, {len(report.updated)} updated, "
            f"{report.unchanged} unchanged, {len(report.kept)} kept as edited in the admin, "
            f"{len(report.retired)} retired."
        )
        for sentence in report.conflicts:
            self.stderr.write(f"conflict: {sentence}")
