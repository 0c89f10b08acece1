"""What the admin pages of definitions and prompts share: the way to the site, and the actions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from guide.content import rules
from guide.content.building import Problem
from guide.content.rows import contrast_record, definition_record, prompt_record
from guide.models import Contrast, Definition, Prompt, Status

if TYPE_CHECKING:
    SimpleHistoryAdmin = admin.ModelAdmin
else:
    from simple_history.admin import SimpleHistoryAdmin

MOST_SENTENCES = 3
Curated = Definition | Contrast | Prompt


def problems_of(row: Curated) -> Iterable[Problem]:
    if isinstance(row, Definition):
        return rules.definition_problems(definition_record(row))
    if isinstance(row, Contrast):
        return rules.contrast_problems(contrast_record(row))
    return rules.prompt_problems(prompt_record(row))


class CuratedAdmin(SimpleHistoryAdmin):
    """List, filters and status moves of what has a status."""

    actions = ["publish", "send_to_review", "back_to_draft"]
    object_history_list_template = "guide/admin/history_list.html"
    list_per_page = 50
    save_on_top = True
    readonly_fields = ["preview", "published_at", "created_at", "updated_at"]
    preview_url_name = ""

    @admin.action(description="Publish the selected", permissions=["change"])
    def publish(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        self._move(request, queryset, Status.PUBLISHED, must_keep_rules=True)

    @admin.action(description="Send the selected to review", permissions=["change"])
    def send_to_review(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        self._move(request, queryset, Status.REVIEW, must_keep_rules=True)

    @admin.action(description="Take the selected back to draft", permissions=["change"])
    def back_to_draft(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        self._move(request, queryset, Status.DRAFT, must_keep_rules=False)

    def _move(
        self,
        request: HttpRequest,
        queryset: "QuerySet[Any]",
        status: Status,
        *,
        must_keep_rules: bool,
    ) -> None:
        moved = 0
        for row in queryset:
            sentences = [p.sentence for p in problems_of(row)] if must_keep_rules else []
            if sentences:
                self._tell(request, row, sentences)
            elif row.status != status:
                row.status = status
                row.save()
                self.log_change(request, row, f"Status set to {status.label.lower()}.")
                moved += 1
        self.message_user(request, f"{moved} now: {status.label.lower()}.")

    def _tell(self, request: HttpRequest, row: Curated, sentences: list[str]) -> None:
        more = len(sentences) - MOST_SENTENCES
        tail = f" And {more} more." if more > 0 else ""
        text = f"{row} stays as it is. {' '.join(sentences[:MOST_SENTENCES])}{tail}"
        self.message_user(request, text, messages.ERROR)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Only what is published can be seen on the site; the preview shows the rest."""
        if obj is None or obj.status != Status.PUBLISHED:
            return None
        return str(obj.get_absolute_url())

    @admin.display(description="Preview")
    def preview(self, row: Curated) -> str:
        if not row.pk:
            return "Save first."
        url = reverse(self.preview_url_name, args=[row.slug])
        return format_html('<a href="{}">See the page as it will be</a>', url)
