"""An upload is a file of prompts between its preview and the decision to bring it in."""

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """Kept only until it was brought in or dropped; each curator sees their own."""

    name = models.CharField(max_length=200)
    body = models.BinaryField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # The state of the library that the preview was made for.
    stamp = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
