"""Runs in the admin: evidence to read, nothing to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from inference.models import Run


@admin.register(Run)
class RunAdmin(admin.ModelAdmin):
    """Read-only. Browser and address are keyed hashes and are not shown at all."""

    list_display = ("id", "state", "model", "source_ref", "created_at", "finish_reason", "attempt")
    list_filter = ("state", "model", "finish_reason", "is_shared", "created_at")
    search_fields = ("id", "source_ref", "prompt")
    date_hierarchy = "created_at"
    exclude = ("browser", "address", "key", "tokens")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
