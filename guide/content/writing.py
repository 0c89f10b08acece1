"""A record is written into its row and the rows below it; nothing else is touched."""

from collections.abc import Sequence
from dataclasses import asdict

from django.utils.text import slugify

from guide import models
from guide.content import records
from guide.models.base import Status

Page = models.Definition | models.Contrast
PageRecord = records.Definition | records.Contrast


def write_definition(record: records.Definition, row: models.Definition | None) -> None:
    """Write everything but the links to other definitions, which may not be there yet."""
    row = row or models.Definition(slug=record.slug, status=Status.PUBLISHED)
    own = ("term", "level", "short", "full", "etymology", "practice", "mistakes", "lab", "reviewed")
    for name in own:
        setattr(row, name, getattr(record, name))
    row.aliases = list(record.aliases)
    row.group = models.Group.objects.get(slug=record.group)
    _mark_loaded(row, record)
    row.save()
    _write_parts(row, record)


def write_contrast(record: records.Contrast, row: models.Contrast | None) -> None:
    """Write all of it; the definitions that it names must be there."""
    row = row or models.Contrast(slug=record.slug, status=Status.PUBLISHED)
    for name in ("title", "short", "difference", "usage", "reviewed"):
        setattr(row, name, getattr(record, name))
    row.aliases = list(record.aliases)
    row.left_name, row.right_name = record.left.name, record.right.name
    row.left = models.Definition.objects.filter(slug=record.left.slug).first()
    row.right = models.Definition.objects.filter(slug=record.right.slug).first()
    row.rows = [asdict(difference) for difference in record.rows]
    _mark_loaded(row, record)
    row.save()
    _write_parts(row, record)


def _write_parts(row: Page, record: PageRecord) -> None:
    """The examples, questions and sources of a page, all anew."""
    row.examples.all().delete()
    row.faqs.all().delete()
    row.sources.all().delete()
    for number, example in enumerate(record.examples, 1):
        _write_example(row, number, example)
    for number, question in enumerate(record.faq, 1):
        row.faqs.create(number=number, question=question.q, answer=question.a)
    for number, source in enumerate(record.sources, 1):
        row.sources.create(
            number=number,
            title=source.title,
            author=source.author,
            year=source.year,
            url=source.url,
        )


def link_definition(record: records.Definition) -> None:
    row = models.Definition.objects.get(slug=record.slug)
    row.related.set(models.Definition.objects.filter(slug__in=record.related))
    row.broader.set(models.Definition.objects.filter(slug__in=record.broader))
    row.confused_with.set(models.Definition.objects.filter(slug__in=record.confused_with))


def write_prompt(record: records.Prompt, row: models.Prompt | None) -> None:
    row = row or models.Prompt(slug=record.slug, status=Status.PUBLISHED)
    for name in ("title", "description", "template", "example_answer"):
        setattr(row, name, getattr(record, name))
    for name in ("tier", "audience", "language", "risk", "difficulty"):
        setattr(row, name, getattr(record, name))
    row.answer_check = records.set_values(record.check)
    row.settings = records.set_values(record.settings)
    row.category = models.Category.objects.get(slug=record.category, parent__isnull=False)
    _mark_loaded(row, record)
    row.save()
    row.techniques.set(models.Definition.objects.filter(slug__in=record.technique))
    row.tags.set(_tag(name) for name in record.tags)
    row.variables.all().delete()
    _write_variables(record.variables, of_prompt=row)


def _mark_loaded(row: Page | models.Prompt, record: PageRecord | records.Prompt) -> None:
    row.loaded_digest = records.digest(record)
    if row.is_retired:
        row.is_retired = False
        row.status = Status.PUBLISHED


def _write_example(row: Page, number: int, record: records.Example) -> None:
    example = row.examples.create(
        number=number,
        title=record.title,
        prompt=record.prompt,
        why=record.why,
        answer=record.answer,
        settings=records.set_values(record.settings),
        needs=record.needs,
        tier=record.tier,
    )
    _write_variables(record.variables, of_example=example)


def _write_variables(
    variables: Sequence[records.Variable],
    of_example: models.Example | None = None,
    of_prompt: models.Prompt | None = None,
) -> None:
    models.Variable.objects.bulk_create(
        models.Variable(
            of_example=of_example,
            of_prompt=of_prompt,
            number=number,
            name=variable.name,
            label=variable.label,
            help=variable.help,
            kind=variable.type,
            default=variable.default,
            example=variable.example,
            options=list(variable.options),
            required=variable.required,
        )
        for number, variable in enumerate(variables, 1)
    )


def _tag(name: str) -> models.Tag:
    return models.Tag.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]
