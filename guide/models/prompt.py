"""A prompt is a text ready to use, with variables to fill and the job it does for its reader."""

from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from simple_history.models import HistoricalRecords

from guide import markdown, variables
from guide.models.base import Curated, CuratedQuerySet, HtmlField, Level
from guide.models.category import Category
from guide.models.definition import Definition
from guide.models.tag import Tag


class Tier(models.TextChoices):
    SMALL = "S", "Runs on a small model"
    MEDIUM = "M", "Wants a larger model"
    COPY = "C", "To copy into an image, video or music tool"


class Risk(models.TextChoices):
    NONE = "none", "None"
    LEGAL = "legal", "Legal"
    HEALTH = "health", "Health"
    FINANCE = "finance", "Finance"


class PromptQuerySet(CuratedQuerySet["Prompt"]):
    def with_shelf(self) -> Self:
        """What a card of the library shows."""
        return self.select_related("category__parent").prefetch_related("tags")

    def cards(self) -> Self:
        """What a card of a list shows, and no long text."""
        names = ("slug", "title", "description", "tier", "risk", "status")
        return self.select_related("category").only(*names, "category__name", "category__slug")

    def with_parts(self) -> Self:
        """Everything a prompt page shows."""
        return self.with_shelf().prefetch_related("variables", "techniques")

    def count_run(self, slug: str) -> None:
        """Somebody ran it once more; whoever runs prompts says so here."""
        self.filter(slug=slug).update(run_count=models.F("run_count") + 1)


class Prompt(Curated):
    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=70)
    description = models.CharField(max_length=160)
    template = models.TextField()
    example_answer = models.TextField(blank=True)
    example_answer_html = HtmlField(editable=False, blank=True)
    tier = models.CharField(max_length=1, choices=Tier, default=Tier.SMALL)
    techniques = models.ManyToManyField(Definition, blank=True, related_name="prompts")
    audience = models.CharField(max_length=40, default="everyone")
    language = models.CharField(max_length=12, default="en")
    risk = models.CharField(max_length=10, choices=Risk, default=Risk.NONE)
    difficulty = models.CharField(max_length=12, choices=Level, default=Level.BASIC)
    tags = models.ManyToManyField(Tag, blank=True, related_name="prompts")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="prompts")
    # "check" would hide Django's own Model.check(), which the system checks call.
    answer_check = models.JSONField(default=dict, blank=True)
    settings = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    # Counted by PromptQuerySet.count_run, past save() and its signals: a run changes no content.
    run_count = models.PositiveIntegerField(default=0, editable=False)

    objects = PromptQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["example_answer_html", "run_count"])

    class Meta:
        ordering = [Lower("title")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.example_answer_html = markdown.render_answer(self.example_answer)
        latest = self.versions.order_by("-number").first() if self.pk else None
        is_new_version = latest is None or latest.template != self.template
        if is_new_version:
            self.version = (latest.number if latest else 0) + 1
        super().save(*args, **kwargs)
        if is_new_version:
            self.versions.create(number=self.version, template=self.template)

    @cached_property
    def template_html(self) -> SafeString:
        return mark_safe(variables.highlight(self.template))  # noqa: S308  highlight escapes

    @property
    def is_runnable(self) -> bool:
        return self.tier != Tier.COPY

    def get_absolute_url(self) -> str:
        return reverse("prompt", args=[self.slug])
