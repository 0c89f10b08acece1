"""How the parts are plugged together: settings, addresses, the broker and the server entry points."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
