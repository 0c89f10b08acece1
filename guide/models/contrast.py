"""A contrast sets two things that are often confused side by side: rows, words, a run for each."""

from typing import Any, Self

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from guide import markdown
from guide.models.base import Curated, CuratedQuerySet, HtmlField
from guide.models.definition import Definition


class ContrastQuerySet(CuratedQuerySet["Contrast"]):
    def with_parts(self) -> Self:
        """Everything a contrast page shows, in a fixed number of queries."""
        parts = self.prefetch_related("examples__variables", "faqs", "sources")
        return parts.select_related("left", "right")


class Contrast(Curated):
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=100)
    aliases = models.JSONField(default=list, blank=True)
    # A side has a name here even where it has a page: "RAG" reads better in a table than the term.
    left_name = models.CharField(max_length=60)
    left = models.ForeignKey(
        Definition, null=True, blank=True, on_delete=models.SET_NULL, related_name="contrasts_left"
    )
    right_name = models.CharField(max_length=60)
    right = models.ForeignKey(
        Definition, null=True, blank=True, on_delete=models.SET_NULL, related_name="contrasts_right"
    )
    short = models.CharField(max_length=240)
    rows = models.JSONField(
        default=list, help_text='A list of {"aspect": "...", "left": "...", "right": "..."}.'
    )
    difference = models.TextField()
    usage = models.TextField("when to use which")
    difference_html = HtmlField(editable=False)
    usage_html = HtmlField(editable=False)
    reviewed = models.DateField()

    objects = ContrastQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["difference_html", "usage_html"])

    class Meta:
        ordering = [Lower("title")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.difference_html = markdown.render(self.difference)
        self.usage_html = markdown.render(self.usage)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("contrast", args=[self.slug])
