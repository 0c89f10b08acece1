"""The Django application that holds the glossary and the prompt library."""

from django.apps import AppConfig


class GuideConfig(AppConfig):
    name = "guide"
    verbose_name = "Guide"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guide import signals

        signals.connect()
