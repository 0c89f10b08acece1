"""What may be asked, and the status and sentence for everything that may not."""

from urllib.parse import urlencode

import pytest
from django.test import Client

from inference import presence, streams
from inference.models import Run, State
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def worker(broker):
    """A worker that has announced itself; nothing takes the runs, so they stay queued."""
    presence.announce(streams.client(), presence.Presence("w", "embedded", 1, 1024, 0, 8))


@pytest.fixture
def reader(worker) -> Client:
    client = Client()
    client.get("/runs/ready")
    return client


def ask(client: Client, body: bytes | None = None, **fields):
    encoded = body if body is not None else urlencode(fields, doseq=True).encode()
    return client.post("/runs/", encoded, FORM, headers={"Accept": "application/json"})


def refusal(client: Client, **fields) -> tuple[int, str, str]:
    answer = ask(client, **fields)
    error = answer.json()["error"]
    assert error["message"].rstrip()[-1] in ".!", error
    assert Run.objects.count() == 0
    return answer.status_code, error["code"], error["field"]


def example():
    definition = factories.make_definition(slug="inference")
    made = factories.make_example(
        definition,
        prompt="Explain [topic] to someone aged [age].",
        variables=[{"name": "topic"}, {"name": "age", "kind": "number"}],
    )
    return made


def test_a_free_text_becomes_a_queued_run(reader):
    answer = ask(reader, text="What is inference?")
    assert answer.status_code == 201
    run = Run.objects.get(id=answer.json()["id"])
    assert (run.state, run.prompt) == (State.QUEUED, "What is inference?")
    assert answer.json()["position"] == 1
    assert run.settings["seed"] == answer.json()["seed"]


def test_an_example_is_filled_by_the_server(reader):
    made = example()
    answer = ask(reader, example=made.ref, **{"v.topic": "tides [age]", "v.age": "7"})
    assert answer.status_code == 201, answer.content
    run = Run.objects.get()
    assert run.prompt == "Explain tides [age] to someone aged 7."
    assert (run.source_kind, run.source_ref) == ("example", made.ref)


def test_a_missing_variable_is_named(reader):
    made = example()
    code = refusal(reader, example=made.ref, **{"v.age": "7"})
    assert code == (400, "missing_variable", "v.topic")


def test_a_variable_that_is_too_long_is_named(reader):
    made = example()
    code = refusal(reader, example=made.ref, **{"v.topic": "x" * 4001, "v.age": "7"})
    assert code == (400, "variable_too_long", "v.topic")


def test_a_number_variable_takes_numbers(reader):
    made = example()
    code = refusal(reader, example=made.ref, **{"v.topic": "x", "v.age": "old"})
    assert code == (400, "missing_variable", "v.age")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"n": "1000000"}, "n"),
        ({"logprobs": "5"}, "logprobs"),
        ({"v.topic": "x"}, "v.topic"),
        ({"seed": ["1", "2"]}, "seed"),
    ],
)
def test_an_unknown_or_doubled_field_is_refused(reader, fields, field):
    assert refusal(reader, text="hello", **fields) == (400, "unknown_field", field)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_tokens", "0"),
        ("max_tokens", "-1"),
        ("max_tokens", "1e9"),
        ("max_tokens", "1000000000"),
        ("max_tokens", "NaN"),
        ("max_tokens", "1e999"),
        ("temperature", "NaN"),
        ("temperature", "Infinity"),
        ("temperature", "-1"),
        ("temperature", "1e999"),
        ("temperature", "0.7; DROP TABLE"),
        ("temperature", "٣"),
        ("top_p", "0"),
        ("top_p", "1.01"),
        ("top_k", "1001"),
        ("top_k", "2.5"),
        ("seed", "-1"),
        ("seed", "9007199254740993"),
    ],
)
def test_a_setting_outside_its_range_is_refused_and_never_clamped(reader, name, value):
    assert refusal(reader, text="hello", **{name: value}) == (400, "bad_setting", name)


def test_finer_settings_are_stored_only_if_they_were_sent(reader):
    plain = Run.objects.get(id=ask(reader, text="hello").json()["id"])
    assert not {"min_p", "repetition_penalty", "ignore_eos"} & set(plain.settings)
    fine = {"min_p": "0.05", "repetition_penalty": "1.2", "frequency_penalty": "-0.5"}
    fine |= {"presence_penalty": "0.3", "top_logprobs": "20", "ignore_eos": "1"}
    chosen = Run.objects.get(id=ask(reader, text="hello", **fine).json()["id"])
    assert {name: float(chosen.settings[name]) for name in fine} == {
        name: float(value) for name, value in fine.items()
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("min_p", "1.1"), ("min_p", "-0.1"), ("repetition_penalty", "0")),
        *(("frequency_penalty", "2.5"), ("presence_penalty", "much")),
        *(("top_logprobs", "21"), ("ignore_eos", "2")),
    ],
)
def test_a_finer_setting_outside_its_range_is_refused(reader, name, value):
    assert refusal(reader, text="hello", **{name: value}) == (400, "bad_setting", name)


@pytest.mark.parametrize("stop", [["a"] * 5, ["x" * 41]])
def test_too_many_or_too_long_stop_texts_are_refused(reader, stop):
    assert refusal(reader, text="hello", stop=stop) == (400, "bad_setting", "stop")


@pytest.mark.parametrize("text", ["", "   ", "\n\t "])
def test_an_empty_prompt_is_refused(reader, text):
    assert refusal(reader, text=text) == (400, "empty_prompt", "text")


def test_a_prompt_that_is_too_long_names_the_limit(reader):
    answer = ask(reader, text="x" * 8001)
    assert answer.status_code == 400
    assert "8000" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    "body", [b"text=a%00b", b"text=%ED%A0%80", b"text=%FF%FE", b"text=\xff\xfe", b"te%00xt=a"]
)
def test_nul_surrogates_and_broken_utf8_are_refused(reader, body):
    answer = ask(reader, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("bad_encoding", "unknown_field")
    assert Run.objects.count() == 0


@pytest.mark.parametrize("ref", ["inference/99", "nothing/1", "inference", "inference/x", "../1"])
def test_an_example_that_does_not_exist_is_404(reader, ref):
    example()
    assert refusal(reader, example=ref)[:2] == (404, "unknown_source")


@pytest.mark.parametrize("model", ["../../etc", "http://169.254.169.254/", "meta/Llama", "gpt"])
def test_only_a_model_of_the_catalogue_can_be_named(reader, model):
    assert refusal(reader, text="hello", model=model) == (400, "unknown_model", "model")


def test_two_sources_at_once_are_refused(reader):
    assert refusal(reader, text="hello", prompt="x")[:2] == (400, "unknown_field")


def test_without_a_worker_the_answer_is_503_and_says_when_to_come_back(broker):
    client = Client()
    assert client.get("/runs/ready").json()["ready"] is False
    answer = ask(client, text="hello")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_worker")
    assert int(answer.headers["Retry-After"]) > 0


def test_without_redis_pages_say_so_and_nothing_is_stored(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    client = Client()
    ready = client.get("/runs/ready")
    assert ready.status_code == 200
    assert ready.json()["message"]
    assert ask(client, text="hello").status_code == 503
    assert Run.objects.count() == 0


def test_a_third_run_of_one_browser_is_429(reader):
    ask(reader, text="one")
    ask(reader, text="two")
    answer = ask(reader, text="three")
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "busy_browser")
    assert answer.json()["error"]["retry_after"] == int(answer.headers["Retry-After"])


def test_the_same_key_gives_the_same_run(reader):
    first = ask(reader, text="hello", key="k1")
    again = ask(reader, text="hello", key="k1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 1


def test_a_foreign_csrf_token_is_403_in_words(worker):
    client = Client(enforce_csrf_checks=True)
    client.get("/runs/ready")
    for headers in ({}, {"X-CSRFToken": "a" * 64}):
        answer = client.post(
            "/runs/", b"text=hello", FORM, headers={"Accept": "application/json", **headers}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
    assert Run.objects.count() == 0


def test_the_token_from_ready_is_accepted(worker):
    client = Client(enforce_csrf_checks=True)
    token = client.get("/runs/ready").json()["csrf"]
    answer = client.post(
        "/runs/", b"text=hello", FORM, headers={"Accept": "application/json", "X-CSRFToken": token}
    )
    assert answer.status_code == 201


def test_json_sent_as_a_run_is_refused(reader):
    answer = reader.post("/runs/", b"{}", "text/plain", headers={"Accept": "application/json"})
    assert answer.status_code in (403, 415)


def test_a_plain_form_is_sent_to_the_page_of_its_run(reader):
    answer = reader.post("/runs/", b"text=hello", FORM)
    assert answer.status_code == 303
    assert answer.headers["Location"] == Run.objects.get().get_absolute_url()


def test_a_run_is_private_until_it_is_shared(reader, worker):
    run_id = ask(reader, text="mine").json()["id"]
    stranger = Client()
    paths = [f"/runs/{run_id}/", f"/runs/{run_id}.json", f"/runs/{run_id}.md"]
    assert [reader.get(path).status_code for path in paths] == [200, 200, 200]
    assert [stranger.get(path).status_code for path in paths] == [404, 404, 404]
    assert stranger.post(f"/runs/{run_id}/share").status_code == 404
    assert reader.post(f"/runs/{run_id}/share").status_code == 303
    assert [stranger.get(path).status_code for path in paths] == [200, 200, 200]
    assert stranger.post(f"/runs/{run_id}/stop").status_code == 404
    reader.post(f"/runs/{run_id}/unshare")
    assert stranger.get(paths[0]).status_code == 404


def test_get_changes_nothing(reader):
    run_id = ask(reader, text="mine").json()["id"]
    for door in ("stop", "share", "unshare", "replay"):
        assert reader.get(f"/runs/{run_id}/{door}").status_code == 405
    assert Run.objects.get().state == State.QUEUED


@pytest.mark.parametrize("run_id", ["0" * 32, "x" * 32, "1", "../../etc", "A" * 32])
def test_a_run_that_does_not_exist_is_404(reader, run_id):
    assert reader.get(f"/runs/{run_id}/").status_code == 404


def test_a_browser_sees_the_list_of_its_own_runs(reader, worker):
    assert b"Nothing yet" in Client().get("/runs/").content
    ask(reader, text="What is my question?")
    assert b"What is my question?" in reader.get("/runs/").content
    assert b"What is my question?" not in Client().get("/runs/").content


def test_leaving_the_queue_ends_the_run_at_once(reader):
    run_id = ask(reader, text="mine").json()["id"]
    answer = reader.post(f"/runs/{run_id}/stop", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (202, {"state": "stopped"})
    last = streams.client().xrevrange(streams.events_key(run_id), count=1)[0][1]
    assert last[b"e"] == b"stopped"


def test_a_replay_asks_the_same_with_the_same_seed(reader):
    run_id = ask(reader, text="mine", seed="42").json()["id"]
    answer = reader.post(f"/runs/{run_id}/replay", headers={"Accept": "application/json"})
    assert answer.status_code == 201
    original, replay = Run.objects.get(id=run_id), Run.objects.get(id=answer.json()["id"])
    assert replay.settings == original.settings
    assert (replay.prompt, replay.replay_of) == (original.prompt, original)


def test_addresses_and_browsers_are_stored_as_keyed_hashes(reader):
    ask(reader, text="mine")
    run = Run.objects.get()
    assert len(run.address) == len(run.browser) == 64
    assert "127.0.0.1" not in run.address


def test_a_forwarded_header_does_not_change_who_is_asking(reader):
    ask(reader, text="one")
    reader.post("/runs/", b"text=two", FORM, headers={"X-Forwarded-For": "6.6.6.6"})
    assert Run.objects.values("address").distinct().count() == 1
