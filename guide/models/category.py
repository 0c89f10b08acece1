"""A category is a shelf of the prompt library; a subcategory is a shelf with a parent."""

from typing import Any

from django.db import models
from django.urls import reverse

from guide import markdown
from guide.models.base import HtmlField
from guide.models.definition import Definition


class Category(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="subcategories"
    )
    order = models.PositiveSmallIntegerField(default=0)
    target = models.PositiveSmallIntegerField(
        default=0, help_text="How many prompts this shelf aims for."
    )
    introduction = models.TextField(blank=True)
    introduction_html = HtmlField(editable=False, blank=True)
    techniques = models.ManyToManyField(Definition, blank=True, related_name="shelves")
    # The digest of the text last loaded from a file: a curator's edit is told from it.
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        ordering = ["order", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.introduction_html = markdown.render(self.introduction)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        if self.parent is None:
            return reverse("category", args=[self.slug])
        return reverse("subcategory", args=[self.parent.slug, self.slug])
