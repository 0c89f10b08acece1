"""What a worker does to a run: every run ends once, in the row first and then on the wire."""

import threading
import time

import pytest
from django.db import connections

from inference import streams
from inference.events import Event
from inference.execution import execute
from inference.models import Run, State
from tests.inference.runs import make_run, scripted_engine

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = {"revision": "scripted", "dtype": "float32", "device": "cpu"}


def answer(run: Run, engine, deadline_s: float = 30.0) -> bool:
    return execute(
        run.id, engine, streams.client(), worker="one", facts=FACTS, deadline_s=deadline_s
    )


def answer_and_close(run: Run, engine) -> None:
    """In a thread of its own, whose database connection nobody else would close."""
    try:
        answer(run, engine)
    finally:
        connections.close_all()


def events_of(run: Run) -> list[tuple[str, Event]]:
    entries = streams.client().xrange(streams.events_key(run.id))
    return [(entry_id.decode(), Event.from_fields(fields)) for entry_id, fields in entries]


def test_the_text_on_the_wire_is_the_text_in_the_row(broker):
    run = make_run()
    with scripted_engine("Héllo 🌍, this is whole.") as engine:
        assert answer(run, engine)
    run.refresh_from_db()
    events = [event for _, event in events_of(run)]
    on_the_wire = "".join(event.data["text"] for event in events if event.name == "delta")
    assert run.text == on_the_wire == "Héllo 🌍, this is whole."
    assert "".join(token["t"] for token in run.tokens) == run.text
    assert (run.state, run.finish_reason) == (State.SUCCEEDED, "stop")


def test_a_nul_that_the_model_writes_can_be_stored_by_every_database(broker):
    run = make_run()
    with scripted_engine("before\x00after") as engine:
        answer(run, engine)
    run.refresh_from_db()
    assert (run.state, run.text) == (State.SUCCEEDED, "before\ufffdafter")


def test_events_come_in_order_and_end_with_exactly_one_final(broker):
    run = make_run()
    with scripted_engine("one two three") as engine:
        answer(run, engine)
    ids = [entry_id for entry_id, _ in events_of(run)]
    names = [event.name for _, event in events_of(run)]
    assert ids == [f"1-{number}" for number in range(1, len(ids) + 1)]
    assert names[0] == "started"
    assert names[-1] == "succeeded"
    assert set(names[1:-1]) == {"delta"}


def test_every_token_carries_its_probability_and_its_alternatives(broker):
    run = make_run(settings={"max_tokens": 5})
    with scripted_engine("abcdefgh") as engine:
        answer(run, engine)
    run.refresh_from_db()
    assert len(run.tokens) == 5
    for token in run.tokens:
        assert token["p"] <= 0
        assert token["r"] >= 1
        assert len(token["a"]) == 5
    assert run.finish_reason == "length"


def test_a_run_is_not_executed_twice(broker):
    run = make_run()
    with scripted_engine("once") as engine:
        assert answer(run, engine)
        assert not answer(run, engine)
    assert Run.objects.get(id=run.id).attempt == 1


def test_a_second_attempt_tells_readers_to_start_over(broker):
    run = make_run(attempt=1)
    with scripted_engine("again") as engine:
        answer(run, engine)
    names = [event.name for _, event in events_of(run)]
    assert names[:2] == ["reset", "started"]


def test_a_stop_ends_the_run_and_keeps_what_was_written(broker):
    run = make_run(settings={"max_tokens": 500})
    with scripted_engine("x" * 500, pause_s=0.005) as engine:
        thread = threading.Thread(target=answer_and_close, args=(run, engine))
        thread.start()
        while not any(event.name == "delta" for _, event in events_of(run)):
            time.sleep(0.01)
        streams.request_stop(streams.client(), run.id)
        thread.join(5)
        assert not thread.is_alive()
        assert engine.load == (0, 0)
    run.refresh_from_db()
    assert (run.state, run.finish_reason) == (State.STOPPED, "stopped")
    assert 0 < len(run.text) < 500


def test_a_prompt_beyond_the_context_fails_in_words(broker):
    run = make_run(prompt="long " * 100)
    with scripted_engine("never", context=64) as engine:
        answer(run, engine)
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "prompt_too_long")
    assert "Shorten" in run.error_message
    assert [event.name for _, event in events_of(run)] == ["started", "failed"]


def test_a_deadline_ends_the_run_as_failed_with_its_text(broker):
    run = make_run(settings={"max_tokens": 500})
    with scripted_engine("x" * 500, pause_s=0.01) as engine:
        answer(run, engine, deadline_s=0.3)
    run.refresh_from_db()
    assert (run.state, run.error_code) == (State.FAILED, "deadline")
    assert run.text


def test_a_run_without_a_broker_is_still_answered_and_stored(broker):
    run = make_run()
    gone = streams.client().__class__.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    with scripted_engine("stored all the same") as engine:
        execute(run.id, engine, gone, worker="one", facts=FACTS, deadline_s=10)
    run.refresh_from_db()
    assert (run.state, run.text) == (State.SUCCEEDED, "stored all the same")


@pytest.mark.parametrize("is_lost", [True, False])
def test_after_an_interruption_the_stream_is_whole_again(broker, is_lost):
    run = make_run()
    connection = streams.client()
    writer = streams.StreamWriter(connection, run.id, 1)
    writer.append([Event("started", {"attempt": 1})])
    writer.connection = connection.__class__.from_url("redis://127.0.0.1:1/0")
    writer.append([Event("delta", {"text": "a", "tokens": []})])
    assert writer.is_interrupted
    if is_lost:
        connection.flushall()
    writer.connection = connection
    writer.append([Event("delta", {"text": "b", "tokens": []})])
    assert not writer.is_interrupted
    assert [entry_id for entry_id, _ in events_of(run)] == ["1-1", "1-2", "1-3"]


def test_an_older_attempt_cannot_write_behind_a_newer_one(broker):
    run = make_run()
    old = streams.StreamWriter(streams.client(), run.id, 1)
    new = streams.StreamWriter(streams.client(), run.id, 2)
    new.append([Event("reset", {"attempt": 2})])
    old.append([Event("delta", {"text": "stale", "tokens": []})])
    assert [event.name for _, event in events_of(run)] == ["reset"]


def test_waiting_readers_hear_their_new_position(broker):
    run, waiting = make_run(), make_run()
    with scripted_engine("moving up") as engine:
        answer(run, engine)
    assert [event.data for _, event in events_of(waiting)] == [{"position": 1}]
