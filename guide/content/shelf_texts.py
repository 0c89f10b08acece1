"""Loading the texts above the shelves; a text that a curator edited is kept, as prompts are."""

from collections.abc import Iterable

from guide import models
from guide.content import records
from guide.content.reading import Placed


def load_shelf_texts(
    texts: Iterable[Placed[records.ShelfText]], force: bool, conflicts: list[str]
) -> int:
    """Write what changed and say how many; the definitions that they name must be there."""
    rows = models.Category.objects.prefetch_related("techniques").in_bulk(field_name="slug")
    return sum(_load(placed, rows[placed.record.slug], force, conflicts) for placed in texts)


def _load(
    placed: Placed[records.ShelfText], row: models.Category, force: bool, conflicts: list[str]
) -> bool:
    record = placed.record
    wanted, current = records.digest(record), records.digest(shelf_text_record(row))
    if current == wanted:
        if row.loaded_digest != wanted:
            models.Category.objects.filter(pk=row.pk).update(loaded_digest=wanted)
        return False
    is_edited = bool(row.introduction) and current != row.loaded_digest
    if is_edited and not force:
        if wanted != row.loaded_digest:
            conflicts.append(
                f"{placed.file}: the text of {record.slug} was edited in the admin and the file "
                "says something else. Bring the edit into the file, or load with --force."
            )
        return False
    row.introduction, row.loaded_digest = record.introduction, wanted
    row.save()
    row.techniques.set(models.Definition.objects.filter(slug__in=record.techniques))
    return True


def shelf_text_record(row: models.Category) -> records.ShelfText:
    """The text of a row as the record it would be loaded from."""
    return records.ShelfText(
        slug=row.slug,
        techniques=tuple(technique.slug for technique in row.techniques.all()),
        introduction=row.introduction.replace("\r\n", "\n").strip(),
    )
