"""A definition, a contrast or a prompt as a document: Markdown for reading, values for programs."""

from typing import Any

from guide.context import absolute
from guide.models import Contrast, Definition, Example, Prompt, Variable
from guide.shelf import Path

Values = dict[str, Any]


def definition_markdown(row: Definition) -> str:
    parts = [f"# {row.term}", row.short]
    if row.aliases:
        parts.append(f"Also called: {', '.join(row.aliases)}.")
    parts += ["## Full definition", row.full, "## Etymology", row.etymology, "## Examples"]
    for example in row.examples.all():
        parts += _example_parts(example.title, example)
    parts += ["## In practice", row.practice]
    if row.mistakes:
        parts += ["## Common mistakes", row.mistakes]
    parts += _question_parts(row)
    related = [
        f"- [{other.term}]({absolute(other.get_absolute_url())}): {other.short}"
        for other in row.related.published()
    ]
    parts += ["## Related", "\n".join(related), *_source_parts(row)]
    parts.append(f"Source: {absolute(row.get_absolute_url())}, reviewed {row.reviewed}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def contrast_markdown(row: Contrast) -> str:
    parts = [f"# {row.title}", row.short, _table(row)]
    parts += ["## The difference", row.difference, "## When to use which", row.usage]
    parts.append("## Examples")
    for name, example in zip((row.left_name, row.right_name), row.examples.all(), strict=False):
        parts += _example_parts(f"{name}: {example.title}", example)
    parts += [*_question_parts(row), *_source_parts(row)]
    parts.append(f"Source: {absolute(row.get_absolute_url())}, reviewed {row.reviewed}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(row: Contrast) -> str:
    lines = [("", row.left_name, row.right_name), ("---", "---", "---")]
    lines += [(line["aspect"], line["left"], line["right"]) for line in row.rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _example_parts(title: str, example: Example) -> list[str]:
    good = ["A good answer:", fenced(example.answer)]
    return [f"### {title}", fenced(example.prompt), example.why, *good]


def _question_parts(row: Definition | Contrast) -> list[str]:
    pairs = [(f"### {faq.question}", faq.answer) for faq in row.faqs.all()]
    return ["## Questions", *(part for pair in pairs for part in pair)]


def _source_parts(row: Definition | Contrast) -> list[str]:
    sources = [f"- {s.author} ({s.year}): [{s.title}]({s.url})" for s in row.sources.all()]
    return ["## Sources", "\n".join(sources)]


def prompt_markdown(row: Prompt, level: int = 1) -> str:
    """The prompt as a document, or as a section of one under a heading of this level."""
    mark = "#" * level
    parts = [f"{mark} {row.title}", row.description, f"{mark}# Prompt", fenced(row.template)]
    if variables := list(row.variables.all()):
        parts.append(f"{mark}# Variables")
        parts.append("\n".join(_variable_line(variable) for variable in variables))
    if row.example_answer:
        parts += [f"{mark}# An answer, with the defaults filled in", fenced(row.example_answer)]
    parts.append(f"Source: {absolute(row.get_absolute_url())}, version {row.version}.")
    return "\n\n".join(parts) + "\n"


def definition_summary(row: Definition) -> Values:
    return {
        "slug": row.slug,
        "term": row.term,
        "aliases": row.aliases,
        "group": row.group.slug,
        "level": row.level,
        "short": row.short,
        "url": absolute(row.get_absolute_url()),
        "updated_at": row.updated_at.isoformat(),
    }


def group_values(path: Path) -> Values:
    return {
        "slug": path.slug,
        "name": path.name,
        "order": list(path.order),
        "url": absolute(path.url),
    }


def definition_values(row: Definition) -> Values:
    return definition_summary(row) | {
        "full": row.full,
        "etymology": row.etymology,
        "practice": row.practice,
        "mistakes": row.mistakes,
        "related": [other.slug for other in row.related.published()],
        "broader": [other.slug for other in row.broader.published()],
        "confused_with": [other.slug for other in row.confused_with.published()],
        **_part_values(row),
        "reviewed": row.reviewed.isoformat(),
    }


def _part_values(row: Definition | Contrast) -> Values:
    return {
        "examples": [_example_values(example) for example in row.examples.all()],
        "faq": [{"q": faq.question, "a": faq.answer} for faq in row.faqs.all()],
        "sources": [
            {"title": s.title, "author": s.author, "year": s.year, "url": s.url}
            for s in row.sources.all()
        ],
    }


def contrast_summary(row: Contrast) -> Values:
    return {
        "slug": row.slug,
        "title": row.title,
        "aliases": row.aliases,
        "left": {"name": row.left_name, "slug": row.left.slug if row.left else ""},
        "right": {"name": row.right_name, "slug": row.right.slug if row.right else ""},
        "short": row.short,
        "url": absolute(row.get_absolute_url()),
        "updated_at": row.updated_at.isoformat(),
    }


def contrast_values(row: Contrast) -> Values:
    return contrast_summary(row) | {
        "rows": row.rows,
        "difference": row.difference,
        "usage": row.usage,
        **_part_values(row),
        "reviewed": row.reviewed.isoformat(),
    }


def prompt_values(row: Prompt) -> Values:
    return {
        "slug": row.slug,
        "title": row.title,
        "description": row.description,
        "template": row.template,
        "variables": [_variable_values(variable) for variable in row.variables.all()],
        "example_answer": row.example_answer,
        "tier": row.tier,
        "technique": [term.slug for term in row.techniques.published()],
        "audience": row.audience,
        "language": row.language,
        "risk": row.risk,
        "difficulty": row.difficulty,
        "tags": [tag.name for tag in row.tags.all()],
        "category": row.category.parent.slug if row.category.parent else row.category.slug,
        "subcategory": row.category.slug,
        "check": row.answer_check,
        "settings": row.settings,
        "version": row.version,
        "url": absolute(row.get_absolute_url()),
        "updated_at": row.updated_at.isoformat(),
    }


def fenced(text: str) -> str:
    """A code block, with a fence longer than any inside the text."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def _example_values(example: Example) -> Values:
    return {
        "ref": example.ref,
        "title": example.title,
        "prompt": example.prompt,
        "variables": [_variable_values(variable) for variable in example.variables.all()],
        "why": example.why,
        "answer": example.answer,
        "settings": example.settings,
        "needs": example.needs,
        "tier": example.tier,
    }


def _variable_values(variable: Variable) -> Values:
    names = ("name", "label", "help", "default", "example", "options", "required")
    return {"type": variable.kind} | {name: getattr(variable, name) for name in names}


def _variable_line(variable: Variable) -> str:
    default = " ".join(variable.default.split())
    words = [f"- `[{variable.name}]` {variable.label}.", variable.help, f"Default: {default}"]
    return " ".join(word for word in words if word)
