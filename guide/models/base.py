"""What every curated row shares: a status, the digest of the text it was loaded from, its dates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    REVIEW = "review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


class Level(models.TextChoices):
    BASIC = "basic", "Basic"
    INTERMEDIATE = "intermediate", "Intermediate"
    ADVANCED = "advanced", "Advanced"


if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class HtmlField(_TextField):
    """Text that guide.markdown has rendered and sanitised, so a template may show it as it is."""

    def from_db_value(self, value: str | None, *_: object) -> SafeString | None:
        return None if value is None else mark_safe(value)  # noqa: S308  sanitised when saved


Row = TypeVar("Row", bound="Curated")
# Databases limit how many values one query may name.
AT_A_TIME = 500


class CuratedQuerySet(models.QuerySet[Row]):
    """Rows with a status; the public site asks for the published ones only."""

    def published(self) -> Self:
        """The published rows; rows that were fetched before are not fetched again."""
        chosen = self.filter(status=Status.PUBLISHED)
        if self._result_cache is not None:
            rows = [row for row in self._result_cache if row.status == Status.PUBLISHED]
            chosen._result_cache = rows
        return chosen

    def in_order(self, slugs: Sequence[str]) -> list[Row]:
        """The rows of these slugs, in their order; one that is not here is left out."""
        found = self.in_bulk(slugs, field_name="slug")
        return [found[slug] for slug in slugs if slug in found]

    def by_slug(self, slugs: Sequence[str]) -> dict[str, Row]:
        """The rows of any number of slugs; what belongs to them is fetched for some at a time."""
        found: dict[str, Row] = {}
        for start in range(0, len(slugs), AT_A_TIME):
            found |= self.in_bulk(slugs[start : start + AT_A_TIME], field_name="slug")
        return found


class Curated(models.Model):
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT, db_index=True)
    # The digest of the record last loaded from a file; empty for a row made in the admin.
    loaded_digest = models.CharField(max_length=64, blank=True, editable=False)
    # Set when the file of this row vanished and the loader took it off the site.
    is_retired = models.BooleanField(default=False, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.status == Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
        super().save(*args, **kwargs)
