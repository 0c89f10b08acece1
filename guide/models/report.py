"""A report is what a reader found wrong with a prompt, kept until a curator has dealt with it."""

from django.db import models

from guide.models.prompt import Prompt


class Reason(models.TextChoices):
    WRONG = "wrong", "Something in it is wrong"
    UNCLEAR = "unclear", "It is unclear or does not work"
    HARMFUL = "harmful", "It is harmful or offensive"
    COPIED = "copied", "It is copied from elsewhere"
    OTHER = "other", "Something else"


class Report(models.Model):
    prompt = models.ForeignKey(Prompt, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=10, choices=Reason)
    text = models.TextField("what is the matter", max_length=1000, blank=True)
    # A keyed hash of the network it came from: enough to count, too little to find anybody.
    sender = models.CharField(max_length=64, editable=False)
    is_settled = models.BooleanField("dealt with", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["is_settled", "-created_at"]
        indexes = [models.Index(fields=["sender", "created_at"], name="report_sender")]

    def __str__(self) -> str:
        return f"{self.prompt}: {self.get_reason_display()}"
