"""What each row of an upload would do to the library, and why a row can do nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.text import slugify

from guide import foreign_variables, models, variables
from guide.content import records
from guide.content.building import Problem, build
from guide.content.rows import prompt_record
from guide.content.rules import prompt_problems
from guide.intake.tables import Row, Values

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
# A draft may be unfinished: these are told, all else stops the row.
UNFINISHED = ("template", "example_answer", "check")
TEXTS = (
    *("slug", "title", "description", "template", "example_answer"),
    *("tier", "audience", "language", "risk", "difficulty"),
)
DEFAULTS = {"tier": "M", "audience": "everyone", "language": "en", "risk": "none"}
DEFAULTS |= {"difficulty": "basic", "description": "", "example_answer": ""}


@dataclass(slots=True)
class Proposal:
    """One row: its record if it has one, what is wrong with it, what is worth knowing about it."""

    number: int
    slug: str = ""
    title: str = ""
    kind: str = REFUSED
    record: records.Prompt | None = None
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """What of the library a row is compared with."""

    prompts: Mapping[str, models.Prompt]
    shelves: frozenset[str]
    terms: frozenset[str]

    @classmethod
    def read(cls, slugs: Iterable[str]) -> "Known":
        """Only the prompts that the rows name; the shelves and terms all."""
        wanted = list(dict.fromkeys(slug for slug in slugs if slug))
        shelves = models.Category.objects.filter(parent__isnull=False)
        return cls(
            models.Prompt.objects.with_parts().by_slug(wanted),
            frozenset(shelves.values_list("slug", flat=True)),
            frozenset(models.Definition.objects.values_list("slug", flat=True)),
        )


def propose(rows: Iterable[Row]) -> list[Proposal]:
    """A proposal for each row, in their order; nothing is written."""
    rows = list(rows)
    known = Known.read(slug_of(row.values) for row in rows)
    seen: dict[str, int] = {}
    return [_propose(row, known, seen) for row in rows]


def slug_of(values: Values) -> str:
    given = values.get("slug")
    title = values.get("title")
    text = given if isinstance(given, str) and given else slugify(str(title or ""))[:80].strip("-")
    return text.strip()[:200]


def _propose(row: Row, known: Known, seen: dict[str, int]) -> Proposal:
    slug = slug_of(row.values)
    proposal = Proposal(row.number, slug, str(row.values.get("title") or "")[:70])
    proposal.problems += row.problems
    if slug and slug in seen:
        proposal.problems.append(f"The slug {slug} stands in row {seen[slug]} already.")
    seen.setdefault(slug, row.number)
    if not row.problems:
        _fill(proposal, row.values, known)
    if not proposal.problems and proposal.record:
        _compare(proposal, proposal.record, known.prompts.get(slug))
    return proposal


def _fill(proposal: Proposal, values: Values, known: Known) -> None:
    """The record of the row, with every rule that stops it and every one that only is told."""
    plain = _plain({key: value for key, value in values.items() if value not in ("", None)})
    wanted: Values = {**DEFAULTS, **{key: plain[key] for key in TEXTS if key in plain}}
    for key in ("technique", "tags", "variables", "check", "settings"):
        if plain.get(key):
            wanted[key] = plain[key]
    wanted |= {"slug": proposal.slug, "category": plain.get("subcategory") or plain.get("category")}
    for name in ("title", "template"):
        if not wanted.get(name):
            proposal.problems.append(f"The {name} is empty.")
    if proposal.problems:
        return
    _own_variables(proposal, wanted)
    problems: list[Problem] = []
    record = build(records.Prompt, wanted, (), problems)
    if record:
        problems += [*prompt_problems(record), *_unknown(record, known)]
        proposal.record = replace(record, tags=tuple(tag.lower() for tag in record.tags))
    for problem in problems:
        is_unfinished = bool(problem.path) and problem.path[0] in UNFINISHED
        (proposal.notes if is_unfinished else proposal.problems).append(problem.sentence)


def _own_variables(proposal: Proposal, wanted: Values) -> None:
    """Foreign markers become ours; a variable that nobody described gets the least it needs."""
    template, defaults = str(wanted["template"]), {}
    syntax = foreign_variables.detect(template)
    # [[name]] holds what reads as one of ours; any other marker beside ours is plain text.
    if syntax and (syntax == "[[name]]" or not variables.find(template)):
        converted = foreign_variables.convert(template, syntax)
        template, defaults = converted.template, converted.defaults
        wanted["template"] = template
        proposal.notes.append(f"Variables written {syntax} were turned into [name].")
    names = variables.find(template)
    if "variables" in wanted or not names:
        return
    wanted["variables"] = [
        {"name": name, "label": name[:1].upper() + name[1:], "default": defaults.get(name, name)}
        for name in names
    ]
    proposal.notes.append("Its variables have no help yet, and their names as defaults.")


def _unknown(record: records.Prompt, known: Known) -> Iterable[Problem]:
    if record.category not in known.shelves:
        yield Problem(("category",), f"There is no shelf {record.category!r}.")
    for slug in record.technique:
        if slug not in known.terms:
            yield Problem(("technique",), f"There is no definition {slug!r}.")


def _compare(proposal: Proposal, record: records.Prompt, row: models.Prompt | None) -> None:
    """New, or what would change in the row that has this slug."""
    proposal.kind = NEW
    if row is None:
        return
    before = prompt_record(row)
    names = [name for name in records.Prompt.__slots__ if name not in ("technique", "tags")]
    changes = [name for name in names if getattr(before, name) != getattr(record, name)]
    for name in ("technique", "tags"):
        if sorted(getattr(before, name)) != sorted(getattr(record, name)):
            changes.append(name)
    proposal.changes, proposal.kind = changes, CHANGED if changes else UNCHANGED


def _plain(value: Any) -> Any:
    """Scalars as the text that a file of ours would hold."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else str(value)
