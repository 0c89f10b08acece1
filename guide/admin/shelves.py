"""Groups, categories and tags in the admin: short lists that the files usually fill."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin

from guide.admin.forms import Cleaned, add_problems, plain_line_ends
from guide.content.records import ShelfText
from guide.content.rules.introductions import own_introduction_problems
from guide.models import Category, Group, Tag

if TYPE_CHECKING:
    _CategoryForm = forms.ModelForm[Category]
else:
    _CategoryForm = forms.ModelForm


class CategoryForm(_CategoryForm):
    class Meta:
        model = Category
        exclude = ()

    def clean(self) -> Cleaned:
        values = plain_line_ends(super().clean() or self.cleaned_data)
        text = (values.get("introduction") or "").strip()
        if text:
            record = ShelfText(slug=values.get("slug") or "", introduction=text)
            add_problems(self, own_introduction_problems(record))
        return values


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "order"]
    search_fields = ["name"]
    # Written in content/groups/ only: a load would put the text of the file back.
    readonly_fields = ["introduction", "learning_order", "updated_at"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    form = CategoryForm
    list_display = ["name", "parent", "order", "target"]
    autocomplete_fields = ["parent", "techniques"]
    list_filter = ["parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "parent__name"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
