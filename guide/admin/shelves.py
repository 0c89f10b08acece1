"""Groups, categories and tags in the admin: short lists that the files usually fill."""

from django.contrib import admin

from guide.models import Category, Group, Tag


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "order"]
    search_fields = ["name"]


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "order", "target"]
    list_filter = ["parent"]
    list_select_related = ["parent"]
    search_fields = ["name", "parent__name"]


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
