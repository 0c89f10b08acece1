"""The engine in a process of its own: the same answers, and deaths that hurt nobody else."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest

from inference.engine.engine import Engine
from inference.engine.errors import (
    BrokenCheckpoint,
    EngineClosed,
    InvalidRequest,
    PromptTooLong,
    QueryFailed,
)
from inference.engine.model import ModelSpec
from inference.engine.process import Service
from inference.engine.remote import RemoteEngine
from inference.engine.runner import Drawn
from inference.engine.scripted import scripted_model
from inference.engine.sequence import Ended, Message, Request, SamplingSettings, Timings, Usage
from inference.engine.wire import Accepted, Ask, Channel, Close, Pulse, Step
from tests.engine.asking import ask, read, wait_for

ROOT = Path(__file__).resolve().parents[2]


def spawned(folder: Path) -> RemoteEngine:
    engine = RemoteEngine(ModelSpec(str(folder)), 4, threads=1)
    engine.start()
    engine.wait(60)
    return engine


@pytest.fixture(scope="module")
def remote(checkpoint: Callable) -> Iterator[RemoteEngine]:
    engine = spawned(checkpoint("llama"))
    yield engine
    engine.close()


def test_it_answers_as_the_engine_does_here(remote: RemoteEngine, model: Callable) -> None:
    settings = {"temperature": 0.9, "seed": 5, "sampled_probabilities": True}
    with Engine(model("llama"), slots=4) as engine:
        expected = [read(ask(engine, text, **settings)) for text in ("Fox?", "The café 😀")]
        scored, peeked = engine.score("The lazy dog."), engine.peek("The lazy", count=7)
    heard = [ask(remote, text, **settings) for text in ("Fox?", "The café 😀")]
    for answer, wanted in zip(map(read, heard), expected, strict=True):
        assert (answer.text, answer.tokens) == (wanted.text, wanted.tokens)
        assert (answer.ended.reason, answer.ended.usage) == (
            wanted.ended.reason,
            wanted.ended.usage,
        )
    assert remote.score("The lazy dog.") == scored
    assert remote.peek("The lazy", count=7) == peeked
    assert remote.load == (0, 0)


def test_a_refusal_arrives_as_the_error_it_is(remote: RemoteEngine) -> None:
    with pytest.raises(PromptTooLong, match="this model reads at most 159"):
        ask(remote, "A model reads " * 100)
    with pytest.raises(InvalidRequest, match="count must be between"):
        remote.peek("Fox", count=0)
    assert read(ask(remote, "Fox?", max_tokens=3)).ids


def test_a_stop_reaches_it(remote: RemoteEngine) -> None:
    answer = ask(remote, "Fox?", max_tokens=100, ignore_eos=True)
    answer.stop()
    assert read(answer).ended.reason in ("stopped", "length")
    stopped = ask(remote, "Fox?", max_tokens=100, stop=("e",))
    assert "e" not in read(stopped).text


def test_a_checkpoint_that_cannot_be_loaded_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    engine = RemoteEngine(ModelSpec(str(tmp_path)), 1)
    engine.start()
    with pytest.raises(BrokenCheckpoint, match="is no valid JSON"):
        engine.wait(60)
    wait_for(lambda: not engine.is_alive)
    assert engine._process.wait(5) != 0


def test_a_killed_engine_process_tells_everybody_who_waits(checkpoint: Callable) -> None:
    engine = spawned(checkpoint("llama"))
    answers = [ask(engine, "Fox?", max_tokens=100, ignore_eos=True) for _ in range(20)]
    failures: list[str] = []

    def score() -> None:
        try:
            while True:
                engine.score("The lazy dog jumps over the quick brown fox.")
        except (EngineClosed, QueryFailed) as error:
            failures.append(str(error))

    scoring = threading.Thread(target=score)
    scoring.start()
    os.kill(engine.pid, signal.SIGKILL)
    reasons = {read(answer).ended.reason for answer in answers}
    assert "lost" in reasons
    assert reasons <= {"lost", "length"}
    scoring.join(5)
    assert failures
    assert not engine.is_alive
    with pytest.raises(EngineClosed):
        ask(engine, "Fox?")
    engine.close()


def test_it_does_not_outlive_a_worker_that_was_killed(checkpoint: Callable) -> None:
    script = (
        "import sys, time\n"
        "from inference.engine.model import ModelSpec\n"
        "from inference.engine.remote import RemoteEngine\n"
        "from operations.children import die_with_parent\n"
        "engine = RemoteEngine(ModelSpec(sys.argv[1]), 1, in_child=die_with_parent)\n"
        "engine.start()\n"
        "print(engine.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    command = [sys.executable, "-c", script, str(checkpoint("llama"))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        pid = int(worker.stdout.readline())
        assert is_alive(pid)
        worker.kill()
    wait_for(lambda: not is_alive(pid))


def test_even_without_the_kernels_help_it_leaves_when_its_worker_is_gone(
    checkpoint: Callable,
) -> None:
    engine = spawned(checkpoint("llama"))
    with socket.socket(fileno=os.dup(engine._channel._connection.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    assert engine._process.wait(10) == 0
    wait_for(lambda: not engine.is_alive)


def test_signals_meant_for_the_worker_do_not_end_it(remote: RemoteEngine) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(remote.pid, number)
    time.sleep(0.2)
    assert read(ask(remote, "Fox?", max_tokens=3)).ids


def test_a_step_for_many_sequences_is_one_message() -> None:
    ours, theirs = (Channel(end) for end in Pipe())
    service = Service(theirs, scripted_model(pause_s=0.002), 8)
    with service.engine:
        serving = threading.Thread(target=service.run)
        serving.start()
        for number in range(1, 9):
            settings = SamplingSettings(max_tokens=40)
            ours.send(Ask(number, Request(str(number), (Message("user", "a"),), settings)))
        steps, ends, accepted = 0, 0, 0
        while ends < 8:
            message = ours.receive()
            accepted += isinstance(message, Accepted)
            if isinstance(message, Step):
                steps += 1
                ends += sum(isinstance(event, Ended) for _, event in message.events)
        assert accepted == 8
        assert steps < 8 * 40 / 3, "tokens of several sequences should travel together"
        assert not service._stops
        while not isinstance(ours.receive(), Pulse):
            pass
        ours.send(Close())
        serving.join(5)
    assert not serving.is_alive()


def test_a_message_is_read_as_it_was_written() -> None:
    ours, theirs = (Channel(end) for end in Pipe())
    ended = Ended("stop", Usage(3, 2), Timings(0.0, 0.1, 0.2, 0.3, 9.0))
    events = [
        (1, Drawn(5, -0.5, 1, (5, 6), (-0.5, -1.5))),
        (2, Drawn(7, float("-inf"), 3, (), (), 0.25, (0.5,))),
        (1, ended),
    ]
    ours.send(Step(events, 2, 1))
    assert theirs.receive() == Step(events, 2, 1)
    ours.close()
    with pytest.raises(EOFError):
        theirs.receive()


def test_the_worker_itself_never_loads_torch() -> None:
    script = (
        "import django, sys; django.setup(); import inference.worker, inference.execution; "
        "sys.exit(bool({'torch', 'transformers'} & set(sys.modules)))"
    )
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings_test"}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0


def is_alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
