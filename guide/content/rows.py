"""A database row read back as the record it would be loaded from."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

from guide import models
from guide.content import records


def definition_record(row: models.Definition) -> records.Definition:
    return records.Definition(
        slug=row.slug,
        term=row.term,
        aliases=tuple(row.aliases),
        group=row.group.slug,
        level=row.level,
        short=_text(row.short),
        related=_slugs(row.related.all()),
        broader=_slugs(row.broader.all()),
        confused_with=_slugs(row.confused_with.all()),
        lab=row.lab,
        reviewed=row.reviewed,
        examples=tuple(example_record(example) for example in row.examples.all()),
        faq=_questions(row),
        sources=_sources(row),
        full=_text(row.full),
        etymology=_text(row.etymology),
        practice=_text(row.practice),
        mistakes=_text(row.mistakes),
    )


def contrast_record(row: models.Contrast) -> records.Contrast:
    return records.Contrast(
        slug=row.slug,
        title=row.title,
        left=records.Side(name=row.left_name, slug=row.left.slug if row.left else ""),
        right=records.Side(name=row.right_name, slug=row.right.slug if row.right else ""),
        aliases=tuple(row.aliases),
        short=_text(row.short),
        rows=difference_records(row.rows),
        examples=side_records(row.examples.all()),
        faq=_questions(row),
        sources=_sources(row),
        reviewed=row.reviewed,
        difference=_text(row.difference),
        usage=_text(row.usage),
    )


def difference_records(rows: list[dict[str, str]]) -> tuple[records.Difference, ...]:
    """TypeError for what is no row of a table."""
    return tuple(records.Difference(**row) for row in rows)


def side_records(rows: Iterable[models.Example]) -> tuple[records.Example, ...]:
    """The examples of a contrast: the first shows the left side, the second the right one."""
    sides = chain(("left", "right"), repeat(""))
    return tuple(replace(example_record(row), side=s) for row, s in zip(rows, sides, strict=False))


def _questions(row: models.Definition | models.Contrast) -> tuple[records.Question, ...]:
    return tuple(records.Question(q=_text(f.question), a=_text(f.answer)) for f in row.faqs.all())


def _sources(row: models.Definition | models.Contrast) -> tuple[records.Source, ...]:
    return tuple(
        records.Source(title=s.title, author=s.author, year=s.year, url=s.url)
        for s in row.sources.all()
    )


def example_record(row: models.Example) -> records.Example:
    return records.Example(
        title=row.title,
        prompt=_text(row.prompt),
        why=_text(row.why),
        answer=_text(row.answer),
        variables=tuple(variable_record(variable) for variable in row.variables.all()),
        settings=settings_record(row.settings),
        needs=row.needs,
        tier=row.tier,
    )


def prompt_record(row: models.Prompt) -> records.Prompt:
    return records.Prompt(
        slug=row.slug,
        title=row.title,
        description=_text(row.description),
        template=_text(row.template),
        variables=tuple(variable_record(variable) for variable in row.variables.all()),
        example_answer=_text(row.example_answer),
        tier=row.tier,
        technique=_slugs(row.techniques.all()),
        audience=row.audience,
        language=row.language,
        risk=row.risk,
        difficulty=row.difficulty,
        tags=tuple(tag.name for tag in row.tags.all()),
        check=check_record(row.answer_check),
        settings=settings_record(row.settings),
        category=row.category.slug,
    )


def variable_record(row: models.Variable) -> records.Variable:
    return records.Variable(
        name=row.name,
        label=row.label,
        help=_text(row.help),
        type=row.kind,
        default=_text(row.default),
        example=_text(row.example),
        options=tuple(row.options),
        required=row.required,
    )


def settings_record(values: dict[str, Any]) -> records.Settings:
    """Numbers as the file reader makes them; TypeError or ValueError for what is no setting."""
    kinds: dict[str, type] = {"temperature": float, "top_p": float}
    kinds |= {"top_k": int, "max_tokens": int, "seed": int, "stop": tuple}
    for key in values.keys() - kinds.keys():
        raise TypeError(f"{key} is no setting.")
    return records.Settings(**{key: kinds[key](value) for key, value in values.items()})


def check_record(values: dict[str, Any]) -> records.AnswerCheck:
    """TypeError for a key that is no check."""
    return records.AnswerCheck(**_tuples(values))


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in values.items()}


def _text(text: str) -> str:
    """A browser sends line ends as CR LF; the files hold LF."""
    return text.replace("\r\n", "\n").strip()


def _slugs(rows: Iterable[models.Definition]) -> tuple[str, ...]:
    return tuple(row.slug for row in rows)
