"""A variable is a blank in a prompt, with the words and the field that help a reader to fill it."""

import re
from typing import Final

from django.db import models

from guide.models.example import Example
from guide.models.prompt import Prompt

NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}([.,][0-9]{1,9})?")


class Kind(models.TextChoices):
    TEXT = "text", "A line of text"
    LONGTEXT = "longtext", "Several lines of text"
    CHOICE = "choice", "One of a list"
    NUMBER = "number", "A number"


class Variable(models.Model):
    of_example = models.ForeignKey(
        Example, null=True, blank=True, on_delete=models.CASCADE, related_name="variables"
    )
    of_prompt = models.ForeignKey(
        Prompt, null=True, blank=True, on_delete=models.CASCADE, related_name="variables"
    )
    number = models.PositiveSmallIntegerField(default=1)
    name = models.CharField(max_length=41)
    label = models.CharField(max_length=80)
    help = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.TEXT)
    default = models.TextField(blank=True)
    example = models.TextField(blank=True)
    options = models.JSONField(default=list, blank=True)
    required = models.BooleanField(default=True)

    class Meta:
        ordering = ["number", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(of_example__isnull=False, of_prompt__isnull=True)
                | models.Q(of_example__isnull=True, of_prompt__isnull=False),
                name="variable_of_one_thing",
                violation_error_message="A variable belongs to one example or to one prompt.",
            ),
            models.UniqueConstraint(fields=["of_example", "name"], name="variable_in_example"),
            models.UniqueConstraint(fields=["of_prompt", "name"], name="variable_in_prompt"),
        ]

    def __str__(self) -> str:
        return f"[{self.name}]"

    @property
    def field_name(self) -> str:
        """The name of its form field."""
        return f"v.{self.name}"

    @property
    def element_id(self) -> str:
        """An HTML id that no other variable of a page has, whatever its name holds."""
        return f"variable-{self.pk}"

    def problem_with(self, value: str) -> str:
        """What a reader has to change about this value, in a sentence; "" if nothing."""
        if not value.strip():
            return f"Fill in {self.label} first." if self.required else ""
        if self.kind == Kind.CHOICE and value not in self.options:
            return f"{self.label} is one of: {', '.join(self.options)}."
        if self.kind == Kind.NUMBER and not NUMBER.fullmatch(value.strip()):
            return f"{self.label} is a number, such as {self.example or '10'}."
        return ""
