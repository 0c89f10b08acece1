"""What can be done to many prompts at once: tag, move to a shelf, retire, take along as a file."""

import json
from typing import Any

import yaml
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import slugify

from guide.documents import prompt_values
from guide.models import Category, Status, Tag
from guide.models.prompt import PromptQuerySet
from guide.spreadsheet import write_csv

NOT_IN_FILES = ("category", "version", "url", "updated_at")


class PromptActionForm(ActionForm):
    """The action, and what some of them need to know."""

    tag = forms.CharField(required=False, max_length=60, label="Tag")
    shelf = forms.ModelChoiceField(
        Category.objects.filter(parent__isnull=False), required=False, label="Shelf"
    )


class BulkActions(admin.ModelAdmin):
    """Mixed into the admin of prompts."""

    action_form = PromptActionForm

    @admin.action(description="Tag the selected", permissions=["change"])
    def add_tag(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        name = request.POST.get("tag", "").strip().lower()
        slug = slugify(name)
        if not slug or len(name) > 60:
            self.message_user(request, "Write the tag beside the action.", messages.ERROR)
            return
        tag, _ = Tag.objects.get_or_create(slug=slug, defaults={"name": name})
        for row in queryset:
            row.tags.add(tag)
            self.log_change(request, row, f"Tagged {name}.")
        self.message_user(request, f"{len(queryset)} now tagged {name}.")

    @admin.action(description="Move the selected to a shelf", permissions=["change"])
    def move(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        shelves = Category.objects.filter(parent__isnull=False)
        chosen = request.POST.get("shelf", "")
        shelf = shelves.filter(pk=chosen).first() if chosen.isdecimal() else None
        if shelf is None:
            self.message_user(request, "Choose the shelf beside the action.", messages.ERROR)
            return
        for row in queryset:
            row.category = shelf
            row.save()
            self.log_change(request, row, f"Moved to {shelf}.")
        self.message_user(request, f"{len(queryset)} now on {shelf}.")

    @admin.action(
        description="Retire the selected (off the site, kept here)", permissions=["change"]
    )
    def retire(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        for row in queryset:
            row.status = Status.RETIRED
            row.save()
            self.log_change(request, row, "Retired.")
        self.message_user(request, f"{len(queryset)} retired.")

    @admin.action(description="Take the selected along as CSV", permissions=["view"])
    def export_csv(self, request: HttpRequest, queryset: PromptQuerySet) -> HttpResponse:
        return _file("csv", "text/csv", write_csv(map(prompt_values, queryset.with_parts())))

    @admin.action(description="Take the selected along as JSON", permissions=["view"])
    def export_json(self, request: HttpRequest, queryset: PromptQuerySet) -> HttpResponse:
        rows = [prompt_values(row) for row in queryset.with_parts()]
        text = json.dumps({"prompts": rows}, ensure_ascii=False, indent=1)
        return _file("json", "application/json", text)

    @admin.action(description="Take the selected along as YAML", permissions=["view"])
    def export_yaml(self, request: HttpRequest, queryset: PromptQuerySet) -> HttpResponse:
        """As the files of content/ are, with the shelf at each prompt."""
        rows = [prompt_values(row) for row in queryset.with_parts()]
        kept = [{key: row[key] for key in row if key not in NOT_IN_FILES} for row in rows]
        text = yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=100)
        return _file("yaml", "application/yaml", text)


def _file(ending: str, kind: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="prompts.{ending}"'
    return response
