"""Definitions in the admin, with their questions and sources; examples have pages of their own."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guide.admin.curated import CuratedAdmin
from guide.admin.forms import (
    DefinitionForm,
    ExampleForm,
    ExampleFormSet,
    FaqFormSet,
    SourceFormSet,
    VariableFormSet,
)
from guide.models import FAQ, Definition, Example, Source, Variable


class ExampleInline(admin.TabularInline):
    model = Example
    formset = ExampleFormSet
    fields = ("number", "title", "needs", "page")
    readonly_fields = fields
    extra = 0
    max_num = 0
    can_delete = False

    @admin.display(description="Text and variables")
    def page(self, row: Example) -> SafeString:
        url = reverse("admin:guide_example_change", args=[row.pk])
        return format_html('<a href="{}">Edit the example</a>', url)


class FaqInline(admin.StackedInline):
    model = FAQ
    formset = FaqFormSet
    extra = 0


class SourceInline(admin.TabularInline):
    model = Source
    formset = SourceFormSet
    extra = 0


class VariableInline(admin.StackedInline):
    model = Variable
    formset = VariableFormSet
    fk_name = "of_example"
    exclude = ["of_prompt"]
    extra = 0


@admin.register(Definition)
class DefinitionAdmin(CuratedAdmin):
    form = DefinitionForm
    list_display = ["term", "status", "group", "level", "reviewed", "updated_at"]
    list_filter = ["status", "group", "level", "lab", "reviewed"]
    search_fields = ["term", "slug", "aliases", "short"]
    date_hierarchy = "reviewed"
    autocomplete_fields = ["related", "broader", "confused_with"]
    prepopulated_fields = {"slug": ["term"]}
    inlines = [ExampleInline, FaqInline, SourceInline]
    preview_url_name = "preview-definition"
    fieldsets = [
        (None, {"fields": ["status", "preview", "term", "slug", "aliases", "group", "level"]}),
        ("Text", {"fields": ["short", "full", "etymology", "practice", "mistakes"]}),
        ("Links", {"fields": ["related", "broader", "confused_with", "lab"]}),
        ("Dates", {"fields": ["reviewed", "published_at", "created_at", "updated_at"]}),
    ]


@admin.register(Example)
class ExampleAdmin(admin.ModelAdmin):
    form = ExampleForm
    list_display = ["__str__", "definition", "number", "needs"]
    list_filter = ["needs", "definition__group"]
    list_select_related = ["definition"]
    search_fields = ["title", "prompt", "definition__term"]
    autocomplete_fields = ["definition"]
    inlines = [VariableInline]

    def save_related(
        self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool
    ) -> None:
        """The definition counts as changed when one of its examples is."""
        super().save_related(request, form, formsets, change)
        form.instance.definition.save()
