"""Fixtures for every test: a real broker, and the whole site where a test needs it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings as django_settings

from inference import streams
from operations.broker import Broker
from tests.babbler import write_catalogue
from tests.site import Site

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests share one site, so they go to one worker; without a browser they say so."""
    for item in items:
        if "browser" in item.keywords or "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("site"))
        if "browser" in item.keywords and CHROMIUM is None and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason="no Chromium here (apt install chromium)"))


@pytest.fixture(scope="session")
def _broker() -> Iterator[Broker]:
    broker = Broker()
    broker.start()
    django_settings.CELERY_BROKER_URL = broker.url
    current_app.conf.broker_url = broker.url
    yield broker
    broker.stop()


@pytest.fixture
def broker(_broker: Broker) -> Iterator[Broker]:
    """A running, empty Valkey that Celery and the streams of this process use."""
    yield _broker
    streams.client().flushall()


@pytest.fixture(scope="session")
def models_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with the embedded model and one that always writes until its limit."""
    return write_catalogue(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def site(models_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running product, shared by all tests that only read and ask."""
    running = Site(tmp_path_factory.mktemp("site"), {"MODELS_FILE": str(models_file)})
    running.start()
    yield running
    running.stop()
