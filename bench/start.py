"""Measures the start: a fresh clone to the first token, then again: python -m bench.start."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

from bench.table import Row, at_most, report
from operations.broker import free_port

ROOT = Path(__file__).resolve().parent.parent


def first_answers(folder: Path) -> tuple[float, float]:
    """Seconds from `./run` to the first page, and to the first token of a run."""
    port = free_port()
    clean = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "DATA_DIR")}
    start = time.perf_counter()
    process = subprocess.Popen(
        ["./run"], cwd=folder, env=clean | {"PORT": str(port)}, start_new_session=True
    )
    try:
        base = f"http://127.0.0.1:{port}"
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        wait_for(opener, f"{base}/glossary/inference/")
        page = time.perf_counter() - start
        while not (ready := json.loads(wait_for(opener, f"{base}/runs/ready")))["ready"]:
            time.sleep(0.05)
        body = urlencode({"text": "What is inference?"}).encode()
        headers = {"X-CSRFToken": ready["csrf"], "Accept": "application/json"}
        request = urllib.request.Request(f"{base}/runs/", body, headers)
        with opener.open(request) as answer:
            events = json.loads(answer.read())["events"]
        with opener.open(f"{base}{events}") as stream:
            for line in stream:
                if line.startswith(b"event: delta"):
                    break
        return page, time.perf_counter() - start
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def wait_for(opener: urllib.request.OpenerDirector, url: str) -> bytes:
    while True:
        try:
            with opener.open(url, timeout=5) as answer:
                return bytes(answer.read())
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        _, fresh = first_answers(clone)
        page, token = first_answers(clone)
        report(
            "Start",
            [
                at_most("fresh clone to first token, install included", fresh, "s", 90),
                at_most("second start: page ready", page, "s", 4),
                at_most("second start: first token", token, "s", 10),
                Row("second start, page to token", token - page, "s"),
            ],
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
