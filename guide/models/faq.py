"""A frequently asked question about a term, with an answer of a few sentences."""

from typing import Any

from django.db import models

from guide import markdown
from guide.models.base import HtmlField
from guide.models.definition import Definition


class FAQ(models.Model):
    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="faqs")
    number = models.PositiveSmallIntegerField()
    question = models.CharField(max_length=200)
    answer = models.TextField()
    answer_html = HtmlField(editable=False)

    class Meta:
        ordering = ["definition_id", "number"]
        verbose_name = "frequently asked question"
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="faq_number"),
        ]

    def __str__(self) -> str:
        return self.question

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.answer_html = markdown.render(self.answer)
        super().save(*args, **kwargs)

    @property
    def anchor(self) -> str:
        return f"faq-{self.number}"
