"""A source is the primary document behind a claim on a page of the glossary."""

from django.core.validators import URLValidator
from django.db import models

from guide.models.owned import Owned


class Source(Owned):
    title = models.CharField(max_length=250)
    author = models.CharField(max_length=200)
    year = models.SmallIntegerField()
    url = models.CharField(max_length=500, validators=[URLValidator(schemes=["http", "https"])])

    def __str__(self) -> str:
        return f"{self.title} ({self.author}, {self.year})"
