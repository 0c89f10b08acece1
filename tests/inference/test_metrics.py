"""What a worker measures can be read by Prometheus."""

import urllib.request

import pytest
from prometheus_client import REGISTRY

from inference import metrics, streams
from inference.catalogue import catalogue
from inference.engine.runner import Drawn
from inference.engine.wire import Pulse, Step
from inference.execution import execute
from inference.worker import Worker
from operations.broker import free_port
from tests.inference.runs import make_run, scripted_engine

FACTS = {"revision": "scripted", "dtype": "float32", "device": "cpu"}


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_run_is_counted_with_its_tokens_and_times(broker):
    names = {"model": "embedded"}
    before = value("prompt_guide_written_tokens_total", **names)
    firsts = value("prompt_guide_first_token_seconds_count", **names)
    run = make_run()
    with scripted_engine("five!") as engine:
        execute(run.id, engine, streams.client(), worker="one", facts=FACTS, deadline_s=30)
    assert value("prompt_guide_written_tokens_total", **names) - before == 5
    assert value("prompt_guide_first_token_seconds_count", **names) - firsts == 1
    assert value("prompt_guide_runs_total", reason="stop", **names) >= 1


def test_steps_and_memory_are_measured():
    worker = Worker(catalogue().default, "w")
    model = worker.entry.id
    batches = value("prompt_guide_engine_batch_size_count", model=model)
    gaps = value("prompt_guide_inter_token_seconds_count", model=model)
    drawn = Drawn(1, -1.0, 1, (), ())
    for _ in range(3):
        worker._measure(Step([(1, drawn), (2, drawn)], 2, 1))
    worker._measure(Pulse(2, 1, 0.0, 70, 64, 1000))
    assert value("prompt_guide_engine_batch_size_count", model=model) - batches == 3
    assert value("prompt_guide_inter_token_seconds_count", model=model) - gaps == 2
    assert value("prompt_guide_engine_kv_tokens", model=model) == 70
    assert value("prompt_guide_engine_prefix_tokens", model=model) == 64
    assert value("prompt_guide_engine_waiting", model=model) == 1


def test_they_are_served_on_a_port_and_a_taken_one_is_no_harm(caplog):
    port = free_port()
    metrics.serve(port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        assert b"prompt_guide_engine_running" in answer.read()
    metrics.serve(port)
    assert "no metrics" in caplog.text
