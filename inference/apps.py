"""The inference app."""

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "inference"
    verbose_name = "Live inference"
    default_auto_field = "django.db.models.BigAutoField"
