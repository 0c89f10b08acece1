"""The content stamp changes whenever anything the site shows has changed."""

import secrets

from django.db import models


class ContentStamp(models.Model):
    """One row; whoever keeps something computed from the content keeps it under this value."""

    value = models.CharField(max_length=32)
    # The digest of the files that were loaded last, and the value right after.
    loaded_files = models.CharField(max_length=64, blank=True)
    loaded_value = models.CharField(max_length=32, blank=True)

    def __str__(self) -> str:
        return self.value

    @classmethod
    def current(cls) -> str:
        return cls.objects.filter(pk=1).values_list("value", flat=True).first() or "empty"

    @classmethod
    def renew(cls) -> None:
        cls.objects.update_or_create(pk=1, defaults={"value": secrets.token_hex(8)})

    @classmethod
    def remember_load(cls, files: str) -> None:
        """The content is now what these files say."""
        stamp, _ = cls.objects.get_or_create(pk=1, defaults={"value": secrets.token_hex(8)})
        stamp.loaded_files, stamp.loaded_value = files, stamp.value
        stamp.save(update_fields=["loaded_files", "loaded_value"])

    @classmethod
    def is_loaded(cls, files: str) -> bool:
        """Whether these files were loaded last and nothing was edited since."""
        unchanged = models.Q(value=models.F("loaded_value"), loaded_files=files)
        return cls.objects.filter(unchanged, pk=1).exists()
