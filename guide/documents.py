"""A definition or a prompt as a document: Markdown for reading, values for programs."""

from typing import Any

from guide.context import absolute
from guide.models import Definition, Example, Prompt, Variable

Values = dict[str, Any]


def definition_markdown(row: Definition) -> str:
    parts = [f"# {row.term}", row.short]
    if row.aliases:
        parts.append(f"Also called: {', '.join(row.aliases)}.")
    parts += ["## Full definition", row.full, "## Etymology", row.etymology, "## Examples"]
    for example in row.examples.all():
        parts += [f"### {example.title}", fenced(example.prompt), example.why]
        parts += ["A good answer:", fenced(example.answer)]
    parts += ["## In practice", row.practice]
    if row.mistakes:
        parts += ["## Common mistakes", row.mistakes]
    parts.append("## Questions")
    for faq in row.faqs.all():
        parts += [f"### {faq.question}", faq.answer]
    related = [
        f"- [{other.term}]({absolute(other.get_absolute_url())}): {other.short}"
        for other in row.related.published()
    ]
    sources = [f"- {s.author} ({s.year}): [{s.title}]({s.url})" for s in row.sources.all()]
    parts += ["## Related", "\n".join(related), "## Sources", "\n".join(sources)]
    parts.append(f"Source: {absolute(row.get_absolute_url())}, reviewed {row.reviewed}.")
    return "\n\n".join(part for part in parts if part) + "\n"


def prompt_markdown(row: Prompt) -> str:
    parts = [f"# {row.title}", row.description, "## Prompt", fenced(row.template)]
    if variables := list(row.variables.all()):
        parts.append("## Variables")
        parts.append("\n".join(_variable_line(variable) for variable in variables))
    if row.example_answer:
        parts += ["## An answer, with the defaults filled in", fenced(row.example_answer)]
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


def definition_values(row: Definition) -> Values:
    return definition_summary(row) | {
        "full": row.full,
        "etymology": row.etymology,
        "practice": row.practice,
        "mistakes": row.mistakes,
        "related": [other.slug for other in row.related.published()],
        "broader": [other.slug for other in row.broader.published()],
        "confused_with": [other.slug for other in row.confused_with.published()],
        "examples": [_example_values(example) for example in row.examples.all()],
        "faq": [{"q": faq.question, "a": faq.answer} for faq in row.faqs.all()],
        "sources": [
            {"title": s.title, "author": s.author, "year": s.year, "url": s.url}
            for s in row.sources.all()
        ],
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
    }


def _variable_values(variable: Variable) -> Values:
    names = ("name", "label", "help", "default", "example", "options", "required")
    return {"type": variable.kind} | {name: getattr(variable, name) for name in names}


def _variable_line(variable: Variable) -> str:
    default = " ".join(variable.default.split())
    words = [f"- `[{variable.name}]` {variable.label}.", variable.help, f"Default: {default}"]
    return " ".join(word for word in words if word)
