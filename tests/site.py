"""The whole product as a test meets it: `manage.py dev` in a folder of its own, on a free port."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from operations.broker import free_port

ROOT = Path(__file__).resolve().parent.parent
START_PATIENCE_S = 120


@dataclass
class Site:
    """A running site; `extra` is added to its environment."""

    folder: Path
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    browsers: list["Browser"] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.folder / "site.log").read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("DJANGO_SETTINGS_MODULE", "REDIS_URL", "PYTHONWARNINGS")
        }
        environment |= {
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "DATA_DIR": str(self.folder / "data"),
            "MAX_RUNS_PER_MINUTE": "10000",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            **self.extra,
        }
        with (self.folder / "site.log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "dev"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        end = time.monotonic() + START_PATIENCE_S
        while "is ready:" not in self.log:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"The site did not start:\n{self.log}")
            time.sleep(0.05)
        self.wait_for_models()

    def wait_for_models(self, patience: float = 60) -> None:
        """Until every model of the catalogue has a worker."""
        browser, end = self.browser(), time.monotonic() + patience
        while not all(m["is_ready"] for m in browser.http.get("/runs/ready").json()["models"]):
            assert time.monotonic() < end, self.log
            time.sleep(0.1)

    def stop(self) -> None:
        for browser in self.browsers:
            browser.http.close()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=15)

    def children(self, word: str) -> list[int]:
        """The process ids of the site's children whose command line holds the word."""
        assert self.process is not None
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [
            int(pid)
            for pid in own.split()
            if word in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        ]

    def kill(self, word: str) -> None:
        """kill -9, as a crash would."""
        for pid in self.children(word):
            os.kill(pid, signal.SIGKILL)

    def browser(self) -> "Browser":
        """A new browser: own cookies, own place in the limits."""
        self.browsers.append(Browser(self))
        return self.browsers[-1]


class Browser:
    """What a reader's browser does over HTTP, without the browser."""

    def __init__(self, site: Site) -> None:
        self.http = httpx.Client(base_url=site.url, timeout=30)
        self.csrf = self.http.get("/runs/ready").json()["csrf"]

    def post(self, path: str, **fields: object) -> httpx.Response:
        headers = {"X-CSRFToken": self.csrf, "Accept": "application/json"}
        return self.http.post(path, data=fields, headers=headers)

    def ask(self, **fields: object) -> dict[str, object]:
        answer = self.post("/runs/", **fields)
        assert answer.status_code == 201, answer.text
        run: dict[str, object] = answer.json()
        return run

    def run(self, run_id: object) -> dict[str, object]:
        answer: dict[str, object] = self.http.get(f"/runs/{run_id}.json").json()
        return answer

    def wait_for_end(self, run_id: object, patience: float = 60) -> dict[str, object]:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            run = self.run(run_id)
            if run["state"] in ("succeeded", "failed", "stopped"):
                return run
            time.sleep(0.05)
        raise AssertionError(f"Run {run_id} did not end within {patience} s: {run['state']}")
