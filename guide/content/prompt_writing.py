"""Prompts are written in bulk: what hangs below new ones is gathered and stored all at once."""

from collections.abc import Sequence
from typing import Any

from django.utils.text import slugify

from guide import models
from guide.content import records
from guide.content.writing import mark_loaded, variable_rows
from guide.models.base import Status

BATCH = 1000


class PromptWriter:
    """Use `write` for each record and `finish` once at the end."""

    def __init__(self) -> None:
        below = models.Category.objects.filter(parent__isnull=False)
        self.shelves = {row.slug: row for row in below.defer("introduction", "introduction_html")}
        self.terms = dict(models.Definition.objects.order_by().values_list("slug", "pk"))
        self.tags = dict(models.Tag.objects.order_by().values_list("slug", "pk"))
        self.variables: list[models.Variable] = []
        self.links: dict[str, list[Any]] = {"techniques": [], "tags": []}

    def write(self, record: records.Prompt, row: models.Prompt | None) -> None:
        """Write the row, and a changed one's parts; those of a new one wait for `finish`."""
        is_new = row is None
        row = row or models.Prompt(slug=record.slug, status=Status.PUBLISHED)
        for name in ("title", "description", "template", "example_answer"):
            setattr(row, name, getattr(record, name))
        for name in ("tier", "audience", "language", "risk", "difficulty"):
            setattr(row, name, getattr(record, name))
        row.answer_check = records.set_values(record.check)
        row.settings = records.set_values(record.settings)
        row.category = self.shelves[record.category]
        mark_loaded(row, record)
        row.save()
        terms = [self.terms[slug] for slug in record.technique if slug in self.terms]
        tags = [self._tag(name) for name in record.tags]
        self.variables += variable_rows(record.variables, of_prompt=row)
        if is_new:
            self._link(row, terms, tags)
        else:
            row.variables.all().delete()
            row.techniques.set(terms)
            row.tags.set(tags)

    def _link(self, row: models.Prompt, terms: Sequence[int], tags: Sequence[int]) -> None:
        technique, tag = models.Prompt.techniques.through, models.Prompt.tags.through
        self.links["techniques"] += [
            technique(prompt_id=row.pk, definition_id=pk) for pk in dict.fromkeys(terms)
        ]
        self.links["tags"] += [tag(prompt_id=row.pk, tag_id=pk) for pk in dict.fromkeys(tags)]

    def finish(self) -> None:
        models.Variable.objects.bulk_create(self.variables, batch_size=BATCH)
        for name, rows in self.links.items():
            through = getattr(models.Prompt, name).through
            through.objects.bulk_create(rows, batch_size=BATCH)
            rows.clear()
        self.variables.clear()

    def _tag(self, name: str) -> int:
        slug = slugify(name)
        if slug not in self.tags:
            self.tags[slug] = models.Tag.objects.create(slug=slug, name=name).pk
        return self.tags[slug]
