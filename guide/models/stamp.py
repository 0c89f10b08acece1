"""The content stamp changes whenever anything the site shows has changed."""

import secrets

from django.db import models


class ContentStamp(models.Model):
    """One row; whoever keeps something computed from the content keeps it under this value."""

    value = models.CharField(max_length=32)

    def __str__(self) -> str:
        return self.value

    @classmethod
    def current(cls) -> str:
        return cls.objects.filter(pk=1).values_list("value", flat=True).first() or "empty"

    @classmethod
    def renew(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"value": secrets.token_hex(8)})
