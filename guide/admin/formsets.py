"""The parts below a row in the admin, each list of them under its rules."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from guide import models
from guide.admin.forms import Cleaned, plain_line_ends
from guide.content import records, rows, rules
from guide.content.building import Problem
from guide.content.rules.contrast import LEAST_QUESTIONS
from guide.models import Status

if TYPE_CHECKING:
    _FormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    _FormSet = forms.BaseInlineFormSet


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
        if self.is_draft:
            return ()
        is_contrast = isinstance(self.instance, models.Contrast)
        return rules.faq_problems(questions, LEAST_QUESTIONS if is_contrast else 3)


class SourceFormSet(RuledFormSet):
    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        names = ("title", "author", "year", "url")
        sources = [records.Source(**{name: values[name] for name in names}) for values in given]
        return () if self.is_draft else rules.sources_problems(sources)


class ExampleFormSet(RuledFormSet):
    """Examples are written on their own pages; here only their number and state are asked."""

    def problems(self, given: list[Cleaned]) -> Iterable[Problem]:
        kept = [values["id"] for values in given if values.get("id")]
        if self.is_draft:
            return ()
        if isinstance(self.instance, models.Contrast):
            return rules.side_problems(rows.side_records(kept))
        return rules.examples_problems([rows.example_record(example) for example in kept])


def _variable(values: Cleaned) -> records.Variable:
    options = values.get("options") or []
    texts = ("name", "label", "help", "default", "example")
    return records.Variable(
        **{name: values.get(name) or "" for name in texts},
        type=values.get("kind") or "text",
        options=tuple(map(str, options)) if isinstance(options, list) else (),
        required=bool(values.get("required")),
    )
