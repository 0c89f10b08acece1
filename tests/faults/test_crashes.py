"""kill -9 and lost brokers: a run that was accepted ends once, with the text of one attempt."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Browser, Site

LONG = {"text": "Talk.", "model": "babbler", "max_tokens": "300", "seed": "3"}
pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture(scope="module")
def fragile(models_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own, since these tests break it."""
    running = Site(tmp_path_factory.mktemp("fragile"), {"MODELS_FILE": str(models_file)})
    running.start()
    yield running
    running.stop()


def wait_for_state(browser: Browser, run_id: object, state: str) -> None:
    end = time.monotonic() + 20
    while (now := browser.run(run_id)["state"]) != state:
        assert now == "queued", f"{now} before {state}"
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_worker_killed_in_the_middle_of_an_answer_ends_the_run_once(fragile: Site):
    fragile.wait_for_models()
    browser = fragile.browser()
    run = browser.ask(**LONG)
    wait_for_state(browser, run["id"], "running")
    fragile.kill("model.babbler")
    ended = browser.wait_for_end(run["id"], patience=60)
    assert ended["state"] == "succeeded"
    names, text = [], ""
    with browser.http.stream("GET", str(run["events"])) as answer:
        for line in answer.iter_lines():
            key, _, value = line.partition(": ")
            if key == "event":
                names.append(value)
                text = "" if value == "reset" else text
            elif key == "data" and names[-1] == "delta":
                text += json.loads(value)["text"]
    assert names.count("succeeded") == 1
    assert text == ended["text"]
    assert len(ended["tokens"]) == ended["usage"]["completion_tokens"]


def test_an_engine_killed_in_the_middle_of_an_answer_is_replaced_and_the_run_ends_once(
    fragile: Site,
):
    fragile.wait_for_models()
    browser = fragile.browser()
    (worker,) = fragile.children("model.babbler")
    (engine,) = engines_of(worker)
    run = browser.ask(**LONG)
    wait_for_state(browser, run["id"], "running")
    os.kill(engine, signal.SIGKILL)
    ended = browser.wait_for_end(run["id"], patience=60)
    assert (ended["state"], ended["text"] != "") == ("succeeded", True)
    assert fragile.children("model.babbler") == [worker]
    assert engines_of(worker) != [engine]


def engines_of(worker: int) -> list[int]:
    """The engine processes of a worker, whichever of its threads has spawned them."""
    found = []
    for children in Path(f"/proc/{worker}/task").glob("*/children"):
        for pid in children.read_text().split():
            if b"inference.engine.process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(int(pid))
    return found


def test_pages_and_accepted_runs_survive_the_death_of_the_web_server(fragile: Site):
    fragile.wait_for_models()
    browser = fragile.browser()
    run = browser.ask(**LONG)
    fragile.kill("uvicorn")
    end = time.monotonic() + 20
    while True:
        try:
            if browser.http.get("/health").status_code == 200:
                break
        except Exception:
            assert time.monotonic() < end, fragile.log
            time.sleep(0.1)
    assert browser.wait_for_end(run["id"])["state"] == "succeeded"


def test_nothing_is_left_behind_when_the_supervisor_is_killed(tmp_path: Path):
    site = Site(tmp_path)
    site.start()
    assert site.process is not None
    pids = site.children("")
    assert len(pids) >= 3
    pids += engines_of(site.children("model.embedded")[0])
    site.process.kill()
    site.process.wait()
    end = time.monotonic() + 5
    while alive := [pid for pid in pids if is_alive(pid)]:
        assert time.monotonic() < end, f"still running: {alive}"
        time.sleep(0.05)
    site.stop()


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_a_taken_port_is_one_clear_sentence(fragile: Site, tmp_path: Path):
    second = Site(tmp_path, port=fragile.port)
    with pytest.raises(AssertionError, match="Something already listens"):
        second.start()
    assert second.process is not None
    assert second.process.wait(10) != 0
    assert "Traceback" not in second.log


def test_ctrl_c_stops_everything_within_five_seconds(tmp_path: Path):
    site = Site(tmp_path)
    site.start()
    pids = site.children("")
    start = time.monotonic()
    site.stop()
    assert time.monotonic() - start < 6
    assert not any(is_alive(pid) for pid in pids)
