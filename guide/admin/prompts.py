"""Prompts in the admin, with their variables and every version of their template."""

from django.contrib import admin
from django.http import HttpRequest

from guide.admin.curated import CuratedAdmin
from guide.admin.forms import PromptForm
from guide.admin.formsets import VariableFormSet
from guide.models import Prompt, PromptVersion, Variable


class VariableInline(admin.StackedInline):
    model = Variable
    formset = VariableFormSet
    fk_name = "of_prompt"
    exclude = ["of_example"]
    extra = 0


class VersionInline(admin.TabularInline):
    model = PromptVersion
    fields = ("number", "template", "created_at")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Prompt | None = None) -> bool:
        return False


@admin.register(Prompt)
class PromptAdmin(CuratedAdmin):
    form = PromptForm
    list_display = ["title", "status", "category", "tier", "audience", "risk", "updated_at"]
    list_filter = ["status", "tier", "risk", "audience", "difficulty", "category__parent"]
    list_select_related = ["category"]
    search_fields = ["title", "slug", "description", "template"]
    autocomplete_fields = ["techniques", "tags", "category"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [VariableInline, VersionInline]
    preview_url_name = "preview-prompt"
    fieldsets = [
        (None, {"fields": ["status", "preview", "title", "slug", "description", "category"]}),
        ("Text", {"fields": ["template", "example_answer", "answer_check", "settings"]}),
        ("Facets", {"fields": ["tier", "audience", "language", "risk", "difficulty"]}),
        ("Links", {"fields": ["techniques", "tags"]}),
        ("Dates", {"fields": ["published_at", "created_at", "updated_at"]}),
    ]
