"""An example, a question or a source stands on one page: that of a term or that of a contrast."""

from typing import Any

from django.db import models

from guide.models.contrast import Contrast
from guide.models.definition import Definition


class Owned(models.Model):
    """The part number `number` of a definition or of a contrast, never of both."""

    definition = models.ForeignKey(
        Definition, null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss"
    )
    contrast = models.ForeignKey(
        Contrast, null=True, blank=True, on_delete=models.CASCADE, related_name="%(class)ss"
    )
    number = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True
        ordering = ["definition_id", "contrast_id", "number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(definition__isnull=False, contrast__isnull=True)
                | models.Q(definition__isnull=True, contrast__isnull=False),
                name="%(class)s_of_one_page",
                violation_error_message="It belongs to one definition or to one contrast.",
            ),
            models.UniqueConstraint(fields=["definition", "number"], name="%(class)s_number"),
            models.UniqueConstraint(fields=["contrast", "number"], name="%(class)s_in_contrast"),
        ]

    @property
    def owner(self) -> Definition | Contrast:
        """The row whose page shows this."""
        owner: Any = self.definition if self.definition_id else self.contrast
        assert isinstance(owner, Definition | Contrast)
        return owner
