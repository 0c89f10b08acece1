"""Definitions and contrasts in the admin; their examples have pages of their own."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from guide.admin.curated import CuratedAdmin
from guide.admin.forms import ContrastForm, DefinitionForm, ExampleForm
from guide.admin.formsets import ExampleFormSet, FaqFormSet, SourceFormSet, VariableFormSet
from guide.models import FAQ, Contrast, Definition, Example, Source, Variable


class ExampleInline(admin.TabularInline):
    model = Example
    formset = ExampleFormSet
    fields = ("number", "title", "tier", "needs", "page")
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
    fields = ("number", "question", "answer")
    extra = 0


class SourceInline(admin.TabularInline):
    model = Source
    formset = SourceFormSet
    fields = ("number", "title", "author", "year", "url")
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


@admin.register(Contrast)
class ContrastAdmin(CuratedAdmin):
    form = ContrastForm
    list_display = ["title", "status", "left", "right", "reviewed", "updated_at"]
    list_filter = ["status", "reviewed"]
    list_select_related = ["left", "right"]
    search_fields = ["title", "slug", "aliases", "short"]
    autocomplete_fields = ["left", "right"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [ExampleInline, FaqInline, SourceInline]
    preview_url_name = "preview-contrast"
    fieldsets = [
        (None, {"fields": ["status", "preview", "title", "slug", "aliases", "short"]}),
        ("Sides", {"fields": ["left_name", "left", "right_name", "right", "rows"]}),
        ("Text", {"fields": ["difference", "usage"]}),
        ("Dates", {"fields": ["reviewed", "published_at", "created_at", "updated_at"]}),
    ]


@admin.register(Example)
class ExampleAdmin(admin.ModelAdmin):
    form = ExampleForm
    list_display = ["__str__", "owner", "number", "tier", "needs"]
    list_filter = ["tier", "needs", "definition__group"]
    list_select_related = ["definition", "contrast"]
    search_fields = ["title", "prompt", "definition__term", "contrast__title"]
    autocomplete_fields = ["definition", "contrast"]
    inlines = [VariableInline]

    def save_related(
        self, request: HttpRequest, form: "ModelForm[Any]", formsets: Any, change: bool
    ) -> None:
        """The page counts as changed when one of its examples is."""
        super().save_related(request, form, formsets, change)
        form.instance.owner.save()
