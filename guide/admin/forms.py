"""The forms of the admin ask the rules of the content, and put each answer at its field.

A draft may be unfinished. From review on every rule holds.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from guide import models
from guide.content import records, rows, rules
from guide.content.building import Problem
from guide.models import Status

if TYPE_CHECKING:
    _DefinitionForm = forms.ModelForm[models.Definition]
    _ExampleForm = forms.ModelForm[models.Example]
    _PromptForm = forms.ModelForm[models.Prompt]
    _FormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _DefinitionForm = _ExampleForm = _PromptForm = forms.ModelForm
    _FormSet = forms.BaseInlineFormSet

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


class ExampleForm(_ExampleForm):
    class Meta:
        model = models.Example
        exclude = ()

    def clean(self) -> Cleaned:
        values = plain_line_ends(super().clean() or self.cleaned_data)
        texts = ("title", "prompt", "why", "answer", "needs")
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


class RuledFormSet(_FormSet):
    """An inline that asks rules about all of its rows together."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows_given = [
            plain_line_ends(form.cleaned_data)
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        sentences = [problem.sentence for problem in self.problems(rows_given)]
        if sentences:
            raise ValidationError(sentences)

    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        raise NotImplementedError

    @property
    def is_draft(self) -> bool:
        return bool(self.instance.status == Status.DRAFT)


class VariableFormSet(RuledFormSet):
    """The variables of an example or a prompt, compared with its text."""

    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        is_prompt = isinstance(self.instance, models.Prompt)
        if is_prompt and self.is_draft:
            return ()
        text = self.instance.template if is_prompt else self.instance.prompt
        ordered = sorted(given, key=lambda values: values.get("number") or 0)
        return rules.variables_problems(
            text.replace("\r\n", "\n"), [_variable(values) for values in ordered]
        )


class FaqFormSet(RuledFormSet):
    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        questions = [records.Question(q=values["question"], a=values["answer"]) for values in given]
        return () if self.is_draft else rules.faq_problems(questions)


class SourceFormSet(RuledFormSet):
    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        names = ("title", "author", "year", "url")
        sources = [records.Source(**{name: values[name] for name in names}) for values in given]
        return () if self.is_draft else rules.sources_problems(sources)


class ExampleFormSet(RuledFormSet):
    """Examples are written on their own pages; here only their number and state are asked."""

    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        kept = [values["id"] for values in given if values.get("id")]
        examples = [rows.example_record(example) for example in kept]
        return () if self.is_draft else rules.examples_problems(examples)


def _variable(values: Cleaned) -> records.Variable:
    options = values.get("options") or []
    texts = ("name", "label", "help", "default", "example")
    return records.Variable(
        **{name: values.get(name) or "" for name in texts},
        type=values.get("kind") or "text",
        options=tuple(map(str, options)) if isinstance(options, list) else (),
        required=bool(values.get("required")),
    )
