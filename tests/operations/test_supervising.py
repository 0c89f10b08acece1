"""Children are restarted, but not for ever; the broker is private."""

import os
import stat
import sys
import time

import pytest
import redis

from operations.broker import Broker
from operations.supervisor import MOST_DEATHS, Hopeless, Supervisor

FOREVER = [sys.executable, "-c", "import time; time.sleep(60)"]
SHORT = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def supervisor():
    running = Supervisor()
    yield running
    running.stop()


def wait_until_dead(child) -> None:
    end = time.monotonic() + 10
    while child.is_running:
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_child_that_dies_is_started_again(supervisor):
    child = supervisor.add("sleeper", FOREVER, dict(os.environ))
    first = child.process.pid
    child.process.kill()
    wait_until_dead(child)
    supervisor.check()
    assert child.is_running
    assert child.process.pid != first


def test_three_deaths_within_a_minute_stop_everything_with_the_reason(supervisor):
    child = supervisor.add("failing part", SHORT, dict(os.environ))
    for _ in range(MOST_DEATHS - 1):
        wait_until_dead(child)
        supervisor.check()
    wait_until_dead(child)
    with pytest.raises(Hopeless, match="failing part died 3 times"):
        supervisor.check()


def test_a_child_that_does_not_listen_is_killed(supervisor, monkeypatch):
    monkeypatch.setattr("operations.supervisor.STOP_PATIENCE_S", 0.5)
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    child = supervisor.add("deaf", [sys.executable, "-c", deaf], dict(os.environ))
    time.sleep(0.5)
    supervisor.stop()
    assert not child.is_running


def test_the_broker_asks_for_its_password_and_keeps_it_to_itself():
    broker = Broker()
    broker.start()
    try:
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=broker.port).ping()
        mode = (broker.folder / "broker.conf").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600
        client = redis.Redis.from_url(broker.url)
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
        client.close()
    finally:
        broker.stop()
    assert not broker.folder.exists()
