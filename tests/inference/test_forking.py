"""Continue from here: an answer goes on from one of its tokens, or from an alternative to it."""

import pytest
from django.test import Client

from inference import presence, streams
from inference.execution import execute
from inference.models import Run, State
from tests.inference.runs import make_run, scripted_engine

pytestmark = pytest.mark.django_db(transaction=True)
FACTS = {"revision": "scripted", "dtype": "float32", "device": "cpu"}
JSON = {"accept": "application/json"}


def answered(run: Run, text: str = "abcdefgh") -> Run:
    with scripted_engine(text) as engine:
        execute(run.id, engine, streams.client(), worker="one", facts=FACTS, deadline_s=30)
    run.refresh_from_db()
    return run


@pytest.fixture
def original(broker) -> Run:
    presence.announce(streams.client(), presence.Presence("w", "embedded", 1, 1024, 0, 8))
    return answered(make_run(is_shared=True, settings={"max_tokens": 8}))


def fork(original: Run, **fields: object):
    client = Client()
    client.get("/runs/ready")
    return client.post(f"/runs/{original.id}/fork", fields_of(fields), FORM, headers=JSON)


FORM = "application/x-www-form-urlencoded"


def fields_of(fields: dict[str, object]) -> str:
    return "&".join(f"{name}={value}" for name, value in fields.items())


def test_a_fork_goes_on_behind_the_token_and_shows_the_whole_answer(original: Run):
    answer = fork(original, place=3)
    assert answer.status_code == 201, answer.json()
    made = answered(Run.objects.get(id=answer.json()["id"]))
    assert (made.state, made.text) == (State.SUCCEEDED, "abcdefgh")
    assert made.tokens[:3] == original.tokens[:3]
    assert made.usage["completion_tokens"] == 5
    events = streams.client().xrange(streams.events_key(made.id))
    assert len(events) >= 3, "the given tokens are published too"


def test_an_alternative_takes_the_place_of_the_token(original: Run):
    text, logprob, token = original.tokens[3]["a"][2]
    answer = fork(original, place=3, token=token)
    made = answered(Run.objects.get(id=answer.json()["id"]), "abc" + text + "efgh")
    assert made.text.startswith("abc" + text)
    assert made.tokens[3] == original.tokens[3] | {"i": token, "t": text, "p": logprob, "r": 3}
    assert len(made.tokens) == 8
    page = Client().get(f"/runs/{original.id}.json").json()
    assert page["given_tokens"] == 0


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"place": 8}, "no token there"),
        ({"place": 3, "token": 300}, "considered"),
        ({"place": "x"}, "whole numbers"),
        ({"place": -1}, "whole numbers"),
        ({"place": 3, "token": "1e3"}, "whole numbers"),
        ({"place": 3, "text": "hello"}, "no field"),
    ],
)
def test_a_fork_that_makes_no_sense_is_refused_in_words(original: Run, fields, word):
    answer = fork(original, **fields)
    assert answer.status_code == 400
    assert word in answer.json()["error"]["message"]
    assert Run.objects.count() == 1


def test_half_a_character_cannot_be_put_into_an_answer(original: Run):
    original.tokens[2]["a"].append(["\ufffd", -9.0, 200])
    original.save()
    assert fork(original, place=2, token=200).status_code == 400


def test_an_answer_from_before_token_ids_were_stored_cannot_be_forked(original: Run):
    for token in original.tokens:
        del token["i"]
    original.save()
    assert "no token there" in fork(original, place=2).json()["error"]["message"]


def test_somebody_elses_run_cannot_be_forked(original: Run):
    Run.objects.filter(id=original.id).update(is_shared=False)
    assert fork(original, place=2).status_code == 404


def test_an_engine_that_dies_gives_the_run_back_once(broker):
    class Dying:
        load = (0, 0)

        def ask(self, request):
            from inference.engine.errors import EngineClosed

            raise EngineClosed

    run = make_run()
    for attempt, state in ((1, State.QUEUED), (2, State.FAILED)):
        execute(run.id, Dying(), streams.client(), worker="one", facts=FACTS, deadline_s=30)
        run.refresh_from_db()
        assert (run.attempt, run.state) == (attempt, state)
    assert run.error_code == "engine_lost"
    assert "died twice" in run.error_message
