"""A category is a shelf of the prompt library; a subcategory is a shelf with a parent."""

from django.db import models
from django.urls import reverse


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

    class Meta:
        ordering = ["order", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        key = "category" if self.parent_id is None else "subcategory"
        return f"{reverse('prompts')}?{key}={self.slug}"
