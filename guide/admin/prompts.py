"""Prompts in the admin, with their variables and every version of their template."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guide.admin import intake, overviews, versions
from guide.admin.bulk import BulkActions
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
class PromptAdmin(BulkActions, CuratedAdmin):
    form = PromptForm
    change_list_template = "guide/admin/prompt_list.html"
    actions = [
        *CuratedAdmin.actions,
        *("add_tag", "move", "retire", "export_csv", "export_json", "export_yaml"),
    ]
    readonly_fields = [*CuratedAdmin.readonly_fields, "compare", "run_count"]
    list_display = ["title", "status", "category", "tier", "audience", "risk", "updated_at"]
    list_filter = ["status", "tier", "risk", "audience", "difficulty", "category__parent"]
    list_select_related = ["category"]
    search_fields = ["title", "slug", "description", "template"]
    autocomplete_fields = ["techniques", "tags", "category"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [VariableInline, VersionInline]
    preview_url_name = "preview-prompt"
    fieldsets = [
        (None, {"fields": ["status", "preview", "compare", "title", "slug"]}),
        ("Shelf", {"fields": ["description", "category"]}),
        ("Text", {"fields": ["template", "example_answer", "answer_check", "settings"]}),
        ("Facets", {"fields": ["tier", "audience", "language", "risk", "difficulty"]}),
        ("Links", {"fields": ["techniques", "tags"]}),
        ("Dates", {"fields": ["published_at", "created_at", "updated_at", "run_count"]}),
    ]

    @admin.display(description="Versions")
    def compare(self, row: Prompt) -> SafeString | str:
        if not row.pk:
            return "Save first."
        url = reverse("admin:guide_prompt_versions", args=[row.pk])
        return format_html('<a href="{}">Compare and restore ({})</a>', url, row.version)

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        own = [
            path("import/", guarded(intake.upload), name="guide_prompt_import"),
            path("import/<int:pk>/", guarded(intake.preview), name="guide_prompt_preview"),
            path("coverage/", guarded(overviews.coverage), name="guide_prompt_coverage"),
            path("duplicates/", guarded(overviews.duplicates), name="guide_prompt_duplicates"),
            path("<int:pk>/versions/", guarded(versions.versions), name="guide_prompt_versions"),
        ]
        return own + super().get_urls()
