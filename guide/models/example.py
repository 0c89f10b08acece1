"""An example shows a term at work: a prompt to run, what to look for, and a good answer."""

from functools import cached_property
from typing import Any

from django.db import models
from django.utils.safestring import SafeString, mark_safe

from guide import markdown, variables
from guide.models.base import HtmlField
from guide.models.owned import Owned


class Needs(models.TextChoices):
    NOTHING = "", "Nothing special"
    VISION = "vision", "A model that sees images"


class Tier(models.TextChoices):
    SMALL = "S", "Runs on a small model"
    MEDIUM = "M", "Wants a larger model"


class Example(Owned):
    title = models.CharField(max_length=100)
    prompt = models.TextField()
    why = models.TextField()
    answer = models.TextField()
    answer_html = HtmlField(editable=False)
    settings = models.JSONField(default=dict, blank=True)
    needs = models.CharField(max_length=12, choices=Needs, default=Needs.NOTHING, blank=True)

    tier = models.CharField(max_length=1, choices=Tier, default=Tier.SMALL)

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.answer_html = markdown.render_answer(self.answer)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"{self.owner.get_absolute_url()}#example-{self.number}"

    @property
    def ref(self) -> str:
        """How the outside names this example: "inference/1", "top-k-vs-top-p/2"."""
        return f"{self.owner.slug}/{self.number}"

    @cached_property
    def prompt_html(self) -> SafeString:
        return mark_safe(variables.highlight(self.prompt))  # noqa: S308  highlight escapes

    @property
    def is_runnable(self) -> bool:
        return not self.needs
