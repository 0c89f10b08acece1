"""A definition explains one AI term: in a sentence, in full, by its origin, and in use."""

from typing import Any, Self

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from simple_history.models import HistoricalRecords

from guide import markdown
from guide.models.base import Curated, CuratedQuerySet, HtmlField, Level
from guide.models.group import Group


class DefinitionQuerySet(CuratedQuerySet["Definition"]):
    def with_parts(self) -> Self:
        """Everything that is written for these terms, and the terms that they link to."""
        light = Definition.objects.defer(*Definition.TEXTS)
        names = ("related", "broader", "narrower", "confused_with")
        links = [models.Prefetch(name, light) for name in names]
        return self.with_own_parts().prefetch_related(*links)

    def with_own_parts(self) -> Self:
        """What is written for these terms alone, in a fixed number of queries."""
        parts = self.prefetch_related("examples__variables", "faqs", "sources")
        return parts.select_related("group")


class Definition(Curated):
    slug = models.SlugField(max_length=80, unique=True)
    term = models.CharField(max_length=80)
    aliases = models.JSONField(default=list, blank=True)
    group = models.ForeignKey(Group, on_delete=models.PROTECT, related_name="definitions")
    level = models.CharField(max_length=12, choices=Level, default=Level.BASIC)
    short = models.CharField(max_length=240)
    full = models.TextField()
    etymology = models.TextField()
    practice = models.TextField()
    mistakes = models.TextField(blank=True)
    full_html = HtmlField(editable=False)
    etymology_html = HtmlField(editable=False)
    practice_html = HtmlField(editable=False)
    mistakes_html = HtmlField(editable=False, blank=True)
    related = models.ManyToManyField("self", symmetrical=False, related_name="related_to")
    broader = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="narrower")
    confused_with = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="confused_by"
    )
    lab = models.CharField(max_length=40, blank=True)
    reviewed = models.DateField()

    # The long columns, which a list of terms has no use for.
    TEXTS = (
        *("full", "etymology", "practice", "mistakes"),
        *("full_html", "etymology_html", "practice_html", "mistakes_html"),
    )

    objects = DefinitionQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["full_html", "etymology_html", "practice_html", "mistakes_html"]
    )

    class Meta:
        ordering = [Lower("term")]

    def __str__(self) -> str:
        return self.term

    def save(self, *args: Any, **kwargs: Any) -> None:
        for part in ("full", "etymology", "practice", "mistakes"):
            setattr(self, f"{part}_html", markdown.render(getattr(self, part)))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("definition", args=[self.slug])
