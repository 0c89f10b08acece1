"""Keeps child processes alive on one machine, and stops all of them in order."""

import collections
import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Final

from operations.children import die_with_parent

logger = logging.getLogger(__name__)

MOST_DEATHS: Final = 3
DEATH_WINDOW_S: Final = 60.0
STOP_PATIENCE_S: Final = 4.0
RESTART_PAUSE_S: Final = 0.5


class Hopeless(Exception):
    """A child keeps dying; the message says which one and where to look."""


@dataclass
class Child:
    """One process to keep alive."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    deaths: collections.deque[float] = field(default_factory=collections.deque)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own commands
            self.command,
            env=self.environment,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def count_death(self) -> None:
        """Notes a death; three within a minute are not bad luck any more."""
        now = time.monotonic()
        self.deaths.append(now)
        while self.deaths and now - self.deaths[0] > DEATH_WINDOW_S:
            self.deaths.popleft()
        code = self.process.returncode if self.process else None
        logger.error("%s ended with code %s", self.name, code)
        if len(self.deaths) >= MOST_DEATHS:
            raise Hopeless(
                f"The {self.name} died {MOST_DEATHS} times within a minute (last code {code}). "
                "The lines above say why."
            )

    def signal(self, number: int) -> None:
        if self.process is not None and self.is_running:
            self.process.send_signal(number)


def web_command(host: str, port: int) -> list[str]:
    """uvicorn with the settings that streams need: it must not wait for open ones when it stops."""
    return [
        *(sys.executable, "-m", "uvicorn", "config.asgi:application"),
        *("--host", host, "--port", str(port)),
        *("--timeout-graceful-shutdown", "2", "--no-server-header", "--no-access-log"),
        *("--log-level", "warning", "--lifespan", "on"),
    ]


def worker_command(queue: str, slots: int) -> list[str]:
    """A Celery worker on threads: they only wait, the engine does the work."""
    return [
        *(sys.executable, "-m", "celery", "--app", "config", "--quiet", "worker"),
        *("--pool", "threads", "--concurrency", str(slots), "--queues", queue),
        *("--without-mingle", "--without-gossip", "--loglevel", "warning"),
        *("--hostname", f"{queue}.{os.getpid()}@%h"),
    ]


class Supervisor:
    """Children in the order of their start; stopped in the reverse order."""

    def __init__(self) -> None:
        self.children: list[Child] = []
        self.is_over = False

    def add(self, name: str, command: list[str], environment: dict[str, str]) -> Child:
        child = Child(name, command, environment)
        child.start()
        self.children.append(child)
        return child

    def take_signals(self) -> None:
        """Ctrl-C and SIGTERM end the watch; a second one ends the children at once."""
        signal.signal(signal.SIGINT, self._on_signal)
        signal.signal(signal.SIGTERM, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        if self.is_over:
            for child in self.children:
                child.signal(signal.SIGKILL)
        self.is_over = True

    def check(self) -> None:
        """Restarts what died; raises Hopeless when that makes no sense any more."""
        for child in self.children:
            if not self.is_over and not child.is_running:
                child.count_death()
                time.sleep(RESTART_PAUSE_S)
                child.start()

    def watch(self) -> None:
        """Looks after the children until a signal says otherwise."""
        while not self.is_over:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        """Last started, first stopped; whoever does not leave in time is killed."""
        self.is_over = True
        end = time.monotonic() + STOP_PATIENCE_S
        for child in reversed(self.children):
            child.signal(signal.SIGTERM)
        for child in reversed(self.children):
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.05, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.signal(signal.SIGKILL)
                child.process.wait()
