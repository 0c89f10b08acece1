"""What readers reported, the open ones first; a curator settles them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guide.models import Report


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    list_display = ["prompt", "reason", "excerpt", "is_settled", "created_at"]
    list_filter = ["is_settled", "reason"]
    list_select_related = ["prompt"]
    search_fields = ["prompt__title", "prompt__slug", "text"]
    fields = ["prompt_link", "reason", "text", "created_at", "is_settled"]
    readonly_fields = ["prompt_link", "reason", "text", "created_at"]
    actions = ["settle"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.action(description="Mark the selected as dealt with", permissions=["change"])
    def settle(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        count = queryset.filter(is_settled=False).update(is_settled=True)
        self.message_user(request, f"{count} dealt with.")

    @admin.display(description="What was said")
    def excerpt(self, row: Report) -> str:
        return row.text[:80]

    @admin.display(description="Prompt")
    def prompt_link(self, row: Report) -> SafeString:
        url = reverse("admin:guide_prompt_change", args=[row.prompt_id])
        return format_html('<a href="{}">{}</a>', url, row.prompt)
