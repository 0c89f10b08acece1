"""The sitemap of the guide: one list per kind of page."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
