"""A frequently asked question about a term or a contrast, with an answer of a few sentences."""

from typing import Any

from django.db import models

from guide import markdown
from guide.models.base import HtmlField
from guide.models.owned import Owned


class FAQ(Owned):
    question = models.CharField(max_length=200)
    answer = models.TextField()
    answer_html = HtmlField(editable=False)

    class Meta(Owned.Meta):
        verbose_name = "frequently asked question"

    def __str__(self) -> str:
        return self.question

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.answer_html = markdown.render(self.answer)
        super().save(*args, **kwargs)

    @property
    def anchor(self) -> str:
        return f"faq-{self.number}"
