"""A group gathers the terms of one field: an introduction, and the order in which to read them."""

from typing import Any

from django.db import models
from django.urls import reverse

from guide import markdown
from guide.models.base import HtmlField


class Group(models.Model):
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=80)
    order = models.PositiveSmallIntegerField(default=0)
    introduction = models.TextField(blank=True)
    introduction_html = HtmlField(editable=False, blank=True)
    # The slugs of its terms as a newcomer should read them.
    learning_order = models.JSONField(default=list, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.introduction_html = markdown.render(self.introduction)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("group", args=[self.slug])
