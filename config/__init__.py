"""How the parts are plugged together: settings, addresses, broker and server entry points."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
