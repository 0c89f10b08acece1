"""A source is the primary document behind a claim on a definition page."""

from django.core.validators import URLValidator
from django.db import models

from guide.models.definition import Definition


class Source(models.Model):
    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="sources")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=250)
    author = models.CharField(max_length=200)
    year = models.SmallIntegerField()
    url = models.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])

    class Meta:
        ordering = ["definition_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["definition", "number"], name="source_number"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.author}, {self.year})"
