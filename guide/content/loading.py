"""Loading brings the database in step with the files, all or nothing, and keeps curators' edits.

A row remembers the digest of the record it was loaded from. If the row no longer has that digest,
a curator edited it; if the file no longer has it either, both changed: a person must settle it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import transaction

from guide import models, search, signals
from guide.content import records
from guide.content.kinship import relate_prompts
from guide.content.reading import Library, Placed, Shelf
from guide.content.rows import contrast_record, definition_record, prompt_record
from guide.content.shelf_texts import load_shelf_texts
from guide.content.writing import (
    link_definition,
    write_contrast,
    write_definition,
    write_prompt,
)
from guide.models.base import Status

Row = TypeVar("Row", models.Definition, models.Contrast, models.Prompt)
R = TypeVar("R", records.Definition, records.Contrast, records.Prompt)


@dataclass(slots=True)
class Report:
    """What a load did; conflicts and missing files are sentences for a curator."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    shelves: int = 0
    texts: int = 0

    @property
    def has_changes(self) -> bool:
        rows = self.created or self.updated or self.retired
        return bool(rows or self.shelves or self.texts)


@transaction.atomic
def load(library: Library, *, force: bool = False) -> Report:
    """Write what changed; with `force` a curator's edits give way to the files."""
    report = Report()
    with signals.paused():
        _load_library(library, force, report)
    if report.has_changes:
        models.ContentStamp.renew()
    return report


def _load_library(library: Library, force: bool, report: Report) -> None:
    report.shelves = _load_groups(library.groups) + _load_categories(library.categories)
    definitions = models.Definition.objects.with_parts()
    written = _load_records(
        library.definitions, definitions, definition_record, write_definition, force, report
    )
    for placed in written:
        link_definition(placed.record)
    rows = models.Contrast.objects.with_parts()
    contrasts = _load_records(
        library.contrasts, rows, contrast_record, write_contrast, force, report
    )
    prompts = models.Prompt.objects.select_related("category").prefetch_related(
        "variables", "techniques", "tags"
    )
    changed = _load_records(library.prompts, prompts, prompt_record, write_prompt, force, report)
    report.texts = load_shelf_texts(library.shelf_texts, force, report.conflicts)
    _index(report, written, contrasts, changed)
    if report.has_changes:
        relate_prompts()


def _index(
    report: Report,
    definitions: Sequence[Placed[records.Definition]],
    contrasts: Sequence[Placed[records.Contrast]],
    prompts: Sequence[Placed[records.Prompt]],
) -> None:
    """Bring the search documents in step; a renamed shelf shows in all of them."""
    if report.shelves or report.retired:
        search.index_all()
        return
    slugs = [placed.record.slug for placed in definitions]
    for definition in models.Definition.objects.filter(slug__in=slugs).with_parts():
        search.index_definition(definition)
    slugs = [placed.record.slug for placed in contrasts]
    for contrast in models.Contrast.objects.filter(slug__in=slugs).with_parts():
        search.index_contrast(contrast)
    slugs = [placed.record.slug for placed in prompts]
    for prompt in models.Prompt.objects.filter(slug__in=slugs).with_shelf():
        search.index_prompt(prompt)


def _load_groups(groups: Iterable[Placed[records.Group]]) -> int:
    """How many were new or different."""
    changed = 0
    for group in (placed.record for placed in groups):
        values = {"name": group.name, "order": group.position, "introduction": group.introduction}
        order = {"learning_order": list(group.order)}
        changed += _keep(models.Group, group.slug, values | order)
    return changed


def _load_categories(shelves: Iterable[Shelf]) -> int:
    changed = 0
    for order, shelf in enumerate(shelves, 1):
        parent = models.Category.objects.filter(slug=shelf.parent).first()
        values = {"name": shelf.name, "parent": parent, "order": order, "target": shelf.target}
        changed += _keep(models.Category, shelf.slug, values)
    return changed


def _keep(
    model: type[models.Group] | type[models.Category], slug: str, values: Mapping[str, object]
) -> bool:
    """Save the row if it is new or differs; says whether it did."""
    row = model.objects.filter(slug=slug).first() or model(slug=slug)
    if row.pk and all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return True


def _load_records(
    placed_records: Sequence[Placed[R]],
    rows: Iterable[Row],
    record_of: Callable[[Row], R],
    write: Callable[[R, Row | None], None],
    force: bool,
    report: Report,
) -> list[Placed[R]]:
    """Write the records that are new or changed; returns them."""
    by_slug = {row.slug: row for row in rows}
    written: list[Placed[R]] = []
    for placed in placed_records:
        row = by_slug.pop(placed.record.slug, None)
        if row is None:
            report.created.append(placed.record.slug)
        elif not _gives_way(row, records.digest(record_of(row)), placed, force, report):
            continue
        write(placed.record, row)
        written.append(placed)
    for row in by_slug.values():
        _retire(row, records.digest(record_of(row)), report)
    return written


def _gives_way(row: Row, row_digest: str, placed: Placed[R], force: bool, report: Report) -> bool:
    """Whether the row is to be written over, with the reason in the report."""
    slug, file_digest = placed.record.slug, records.digest(placed.record)
    is_equal = row_digest == file_digest
    if is_equal and not row.is_retired:
        report.unchanged += 1
        _adopt(row, file_digest)
        return False
    if is_equal or force or row_digest == row.loaded_digest:
        report.updated.append(slug)
        return True
    if file_digest == row.loaded_digest:
        report.kept.append(slug)
    else:
        report.conflicts.append(
            f"{placed.file}: {slug} was edited in the admin and the file says something else. "
            "Bring the edit into the file, or load with --force to drop it."
        )
    return False


def _adopt(row: Row, file_digest: str) -> None:
    """An edit that was brought into the file: from now on the row counts as loaded from it."""
    if row.loaded_digest != file_digest:
        type(row).objects.filter(pk=row.pk).update(loaded_digest=file_digest)


def _retire(row: Row, row_digest: str, report: Report) -> None:
    """A row whose file is gone leaves the site, unless a curator made or edited it."""
    if not row.loaded_digest or row.is_retired:
        return
    if row_digest != row.loaded_digest:
        report.conflicts.append(
            f"{row.slug} has no file any more but was edited in the admin; it stays as it is."
        )
        return
    row.is_retired, row.status = True, Status.DRAFT
    row.save()
    report.retired.append(row.slug)
