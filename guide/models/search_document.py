"""A search document is what the search knows about one published page."""

from django.db import models


class SearchDocument(models.Model):
    """The *_words columns hold folded words only, so that both databases cut them alike."""

    kind = models.CharField(max_length=12)
    slug = models.CharField(max_length=80)
    title = models.CharField(max_length=100)
    meta = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)
    title_words = models.TextField(blank=True)
    alias_words = models.TextField(blank=True)
    body_words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="search_document"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.slug}"
