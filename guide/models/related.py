"""Two prompts that belong together: another way to the same job, or the job that comes next."""

from django.db import models

from guide.models.prompt import Prompt


class Kinship(models.TextChoices):
    SAME = "same", "The same job, another way"
    NEXT = "next", "What may come next"


class RelatedPrompt(models.Model):
    """Found by guide.content.kinship when content is loaded; nobody edits it."""

    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="+")
    kinship = models.CharField(max_length=4, choices=Kinship)
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["prompt_id", "kinship", "number"]
        constraints = [
            models.UniqueConstraint(fields=["prompt", "other"], name="related_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} {self.kinship} {self.other_id}"
