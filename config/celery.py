"""The Celery application: its settings are Django's CELERY_ ones, its tasks those of the apps."""

import os
import warnings

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# In a container everybody is root, and only JSON is accepted, so this says nothing of use.
warnings.filterwarnings("ignore", message="You're running the worker with superuser")

app = Celery("prompt_guide")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["inference"])
