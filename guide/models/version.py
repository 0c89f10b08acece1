"""A version keeps what the template of a prompt said before it was changed."""

from django.db import models

from guide.models.prompt import Prompt


class PromptVersion(models.Model):
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    template = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["prompt_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "number"], name="version_number"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
