"""manage.py dev: the whole site on this machine, broker and model included, until Ctrl-C."""

import errno
import os
import shutil
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from inference import streams
from inference.catalogue import CatalogueError, catalogue
from operations.broker import Broker, BrokerError
from operations.staticfiles import collect_if_changed
from operations.supervisor import Hopeless, Supervisor, web_command, worker_command

LEAST_FREE_BYTES = 200 * 1024 * 1024
READY_PATIENCE_S = 300.0


class Command(BaseCommand):
    help = "Start everything on this machine and print the address."
    # They import every page before the worker can start; ./test and migrate run them anyway.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self._check_machine()
        broker = None if settings.REDIS_URL else self._start_broker()
        supervisor = Supervisor()
        supervisor.take_signals()
        environment = os.environ | {
            "REDIS_URL": broker.url if broker else settings.REDIS_URL,
            "PYTHONUNBUFFERED": "1",
            "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait starve the pages
        }
        try:
            self._start_workers(supervisor, environment)
            self._prepare_data()
            self._start_web(supervisor, environment)
            supervisor.watch()
        except Hopeless as error:
            raise CommandError(str(error)) from error
        finally:
            supervisor.stop()
            if broker is not None:
                broker.stop()
        self.stdout.write("Stopped.")

    def _check_machine(self) -> None:
        """Refuses early, in a sentence: taken port, full disk, models.toml that cannot be read."""
        try:
            catalogue()
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        free = shutil.disk_usage(settings.DATA_DIR).free
        if free < LEAST_FREE_BYTES:
            raise CommandError(
                f"Only {free // 2**20} MB are free in {settings.DATA_DIR}; 200 MB are needed. "
                "Free some space or set DATA_DIR to another disk."
            )
        self._check_broker()
        family = socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, settings.PORT))
            except OSError as error:
                raise CommandError(self._why_not_bound(error)) from error

    @staticmethod
    def _check_broker() -> None:
        if not settings.REDIS_URL:
            return
        try:
            streams.client().ping()
        except redis.RedisError as error:
            where = urlsplit(settings.REDIS_URL)
            raise CommandError(
                f"REDIS_URL names {where.hostname}:{where.port or 6379}, which does not answer "
                f"({type(error).__name__}). Start it, or unset REDIS_URL for the embedded one."
            ) from error

    @staticmethod
    def _why_not_bound(error: OSError) -> str:
        where = f"{settings.HOST}:{settings.PORT}"
        if error.errno == errno.EADDRINUSE:
            return f"Something already listens on {where}. Choose another port: PORT=8001 ./run"
        return f"The address {where} cannot be used: {error.strerror}. Check HOST and PORT."

    def _start_broker(self) -> Broker:
        broker = Broker()
        try:
            broker.start()
        except BrokerError as error:
            raise CommandError(str(error)) from error
        return broker

    def _prepare_data(self) -> None:
        """Schema, static files, and the content when the library is empty."""
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except OperationalError as error:
            raise CommandError(f"The database cannot be used: {error}") from error
        collect_if_changed()
        from guide.models import Definition  # after migrate, so that the table is there

        if not Definition.objects.exists():
            call_command("load_content", verbosity=0)
        connections.close_all()

    def _start_workers(self, supervisor: Supervisor, environment: dict[str, str]) -> None:
        """First, because loading a model takes longest and needs no database."""
        for entry in catalogue().entries:
            supervisor.add(
                f"worker for {entry.id}",
                worker_command(entry.queue, settings.ENGINE_SLOTS),
                environment | {"INFERENCE_MODEL": entry.id},
            )

    def _start_web(self, supervisor: Supervisor, environment: dict[str, str]) -> None:
        supervisor.add("web server", web_command(settings.HOST, settings.PORT), environment)
        self._wait_until(supervisor, "/health", "the pages")
        self.stdout.write(f"Pages are up at {settings.SITE_URL} ; the model is loading …")
        self._wait_until(supervisor, "/runs/ready", "the model", '"ready": true')
        manage = Path(sys.argv[0]).name
        self.stdout.write(
            self.style.SUCCESS(
                f"Prompt Guide is ready: {settings.SITE_URL}  "
                f"(curator account: .venv/bin/python {manage} createsuperuser)"
            )
        )

    def _wait_until(self, supervisor: Supervisor, path: str, what: str, holds: str = "") -> None:
        host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "::") else settings.HOST  # noqa: S104
        url = f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}{path}"
        end = time.monotonic() + READY_PATIENCE_S
        while not supervisor.is_over:
            supervisor.check()
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    if holds in answer.read().decode():
                        return
            except (urllib.error.URLError, OSError):
                pass  # not listening yet
            if time.monotonic() > end:
                raise CommandError(f"Gave up waiting for {what}; the lines above say why.")
            time.sleep(0.1)
