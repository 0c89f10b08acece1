"""The forms of the admin ask the rules of the content, and put each answer at its field.

A draft may be unfinished. From review on every rule holds.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.text import slugify

from guide import models
from guide.content import records, rows, rules
from guide.content.building import Problem
from guide.models import Status

if TYPE_CHECKING:
    _DefinitionForm = forms.ModelForm[models.Definition]
    _ExampleForm = forms.ModelForm[models.Example]
    _ContrastForm = forms.ModelForm[models.Contrast]
    _PromptForm = forms.ModelForm[models.Prompt]
else:
    _DefinitionForm = _ContrastForm = _ExampleForm = _PromptForm = forms.ModelForm

Cleaned = dict[str, Any]


def plain_line_ends(values: Cleaned) -> Cleaned:
    """A browser sends CR LF; the files, and so the digests, have LF."""
    return {
        key: value.replace("\r\n", "\n") if isinstance(value, str) else value
        for key, value in values.items()
    }


def add_problems(form: forms.BaseForm, problems: Iterable[Problem]) -> None:
    """Each problem at the field that it names, or above the form if it is not shown."""
    for problem in problems:
        name = str(problem.path[0]) if problem.path else ""
        form.add_error(name if name in form.fields else None, problem.sentence)


def is_draft(values: Cleaned) -> bool:
    return bool(values.get("status", Status.DRAFT) == Status.DRAFT)


def as_settings(form: forms.BaseForm, name: str, values: Cleaned) -> records.Settings:
    try:
        return rows.settings_record(values.get(name) or {})
    except (TypeError, ValueError, AttributeError):
        form.add_error(
            name, 'Write settings like {"temperature": 0.3, "max_tokens": 80}, known names only.'
        )
        return records.Settings()


class DefinitionForm(_DefinitionForm):
    class Meta:
        model = models.Definition
        exclude = ()

    def clean(self) -> Cleaned:
        values = plain_line_ends(super().clean() or self.cleaned_data)
        aliases = values.get("aliases") or []
        if not isinstance(aliases, list) or not all(isinstance(name, str) for name in aliases):
            self.add_error("aliases", 'Write the aliases as a list: ["LLM", "large model"].')
            return values
        self._refuse_taken_names(values.get("slug", ""), aliases)
        if not is_draft(values) and not self.errors:
            add_problems(self, rules.own_problems(self._record(values)))
        return values

    def _record(self, values: Cleaned) -> records.Definition:
        texts = ("slug", "term", "level", "short", "full", "etymology", "practice", "mistakes")
        links = ("related", "broader", "confused_with")
        given: Cleaned = {name: values.get(name) or "" for name in texts}
        given |= {name: tuple(row.slug for row in values.get(name) or ()) for name in links}
        return records.Definition(
            **given,
            aliases=tuple(values.get("aliases") or ()),
            group=values["group"].slug,
            lab=values.get("lab") or "",
            reviewed=values["reviewed"],
        )

    def _refuse_taken_names(self, slug: str, aliases: list[str]) -> None:
        others = models.Definition.objects.exclude(pk=self.instance.pk)
        taken = {
            name: other
            for other, names in others.values_list("slug", "aliases")
            for name in (other, *map(slugify, names))
        }
        for name, field in ((slug, "slug"), *((alias, "aliases") for alias in aliases)):
            if slugify(name) in taken:
                self.add_error(field, f"{name!r} is already a name of {taken[slugify(name)]}.")


class ContrastForm(_ContrastForm):
    class Meta:
        model = models.Contrast
        exclude = ()

    def clean(self) -> Cleaned:
        values = plain_line_ends(super().clean() or self.cleaned_data)
        try:
            differences = rows.difference_records(values.get("rows") or [])
        except (TypeError, AttributeError):
            sentence = 'Write a list of rows: [{"aspect": "...", "left": "...", "right": "..."}].'
            self.add_error("rows", sentence)
            return values
        aliases = values.get("aliases") or []
        if not isinstance(aliases, list) or not all(isinstance(name, str) for name in aliases):
            self.add_error("aliases", 'Write the aliases as a list: ["RAG vs tuning"].')
            return values
        if not is_draft(values) and not self.errors:
            record = self._record(values, differences, tuple(aliases))
            add_problems(self, rules.own_contrast_problems(record))
        return values

    def _record(
        self,
        values: Cleaned,
        differences: tuple[records.Difference, ...],
        aliases: tuple[str, ...],
    ) -> records.Contrast:
        texts = ("slug", "title", "short", "difference", "usage")
        given: Cleaned = {name: values.get(name) or "" for name in texts}
        for side in ("left", "right"):
            term = values.get(side)
            slug = term.slug if term else ""
            given[side] = records.Side(name=values.get(f"{side}_name") or "", slug=slug)
        return records.Contrast(
            **given, rows=differences, aliases=aliases, reviewed=values["reviewed"]
        )


class ExampleForm(_ExampleForm):
    class Meta:
        model = models.Example
        exclude = ()

    def clean(self) -> Cleaned:
        values = plain_line_ends(super().clean() or self.cleaned_data)
        texts = ("title", "prompt", "why", "answer", "needs", "tier")
        given: Cleaned = {name: values.get(name) or "" for name in texts}
        given["settings"] = as_settings(self, "settings", values)
        record = records.Example(**given)
        problems = rules.example_problems(record)
        # The variables stand in their own forms, which compare them with the text.
        add_problems(self, (p for p in problems if p.path[0] != "variables"))
        return values


class PromptForm(_PromptForm):
    class Meta:
        model = models.Prompt
        exclude = ()

    def clean(self) -> Cleaned:
        values = plain_line_ends(super().clean() or self.cleaned_data)
        settings = as_settings(self, "settings", values)
        try:
            check = rows.check_record(values.get("answer_check") or {})
        except (TypeError, AttributeError):
            self.add_error("answer_check", 'Write a check like {"list_items": 5, "max_words": 90}.')
            return values
        if not is_draft(values) and not self.errors:
            problems = rules.prompt_problems(self._record(values, settings, check))
            add_problems(self, (p for p in problems if p.path[0] != "variables"))
        return values

    def _record(
        self, values: Cleaned, settings: records.Settings, check: records.AnswerCheck
    ) -> records.Prompt:
        texts = ("slug", "title", "description", "template", "example_answer")
        facets = ("tier", "audience", "language", "risk", "difficulty")
        given: Cleaned = {name: values.get(name) or "" for name in (*texts, *facets)}
        return records.Prompt(
            **given,
            technique=tuple(row.slug for row in values.get("techniques") or ()),
            tags=tuple(row.name for row in values.get("tags") or ()),
            category=values["category"].slug,
            settings=settings,
            check=check,
        )
