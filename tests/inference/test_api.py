"""The interface for programs: what it answers, whom it lets in, and that it keeps its own word."""

import json
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from guide.models import Prompt
from inference import presence, streams
from inference.models import Run, State
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def library() -> None:
    term = factories.make_definition("inference")
    factories.make_example(term, prompt="Explain [topic].")
    factories.make_faq(term)
    factories.make_source(term)
    factories.make_prompt("letter", tags=["letters"], techniques=[term])
    factories.make_prompt("photo", tier="C")


@pytest.fixture
def worker(broker, settings):
    """A worker that has announced itself; nothing takes the runs, so they stay queued."""
    settings.MAX_WAITING_RUNS = settings.MAX_RUNS_PER_MINUTE = 1_000_000
    presence.announce(streams.client(), presence.Presence("w", "embedded", 1, 1024, 0, 8))


def ask(client: Client, token: str = "", **body: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post("/api/v1/runs", json.dumps(body), "application/json", headers=headers)


class TestReading:
    def test_prompts_take_the_filters_of_the_library(self, client: Client, library: None) -> None:
        found = client.get("/api/v1/prompts?tier=S&tag=letters").json()
        assert (found["count"], found["items"][0]["slug"]) == (1, "letter")
        assert client.get("/api/v1/prompts?tier=S&tier=C").json()["count"] == 2
        assert client.get("/api/v1/prompts/letter").json()["template"].startswith("Write about")

    def test_definitions_categories_and_search(self, client: Client, library: None) -> None:
        assert client.get("/api/v1/definitions").json()["items"][0]["slug"] == "inference"
        assert client.get("/api/v1/definitions/inference").json()["examples"][0]["ref"]
        (top,) = client.get("/api/v1/categories").json()
        assert (top["count"], top["subcategories"][0]["count"]) == (2, 2)
        hits = client.get("/api/v1/search?q=inference").json()["hits"]
        assert hits[0]["url"] == "http://testserver/glossary/inference/"

    @pytest.mark.parametrize(
        ("path", "status"),
        [
            *(("prompts/none", 404), ("prompts?page=99", 404), ("prompts?page=1e9", 422)),
            *(("prompts?sort=status", 422), ("nowhere", 404)),
            *(("definitions/a%2Fb", 404), ("definitions/%00", 422), ("runs/1", 422)),
            (f"search?q={'x' * 10_000}", 422),
        ],
    )
    def test_a_refusal_is_a_code_and_a_sentence(
        self, client: Client, library: None, path: str, status: int
    ) -> None:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == status
        assert answer.json()["error"]["message"].endswith(".")

    def test_drafts_are_not_given_away(self, client: Client, library: None) -> None:
        Prompt.objects.filter(slug="letter").update(status="draft")
        assert client.get("/api/v1/prompts/letter").status_code == 404


class TestRuns:
    def test_the_token_of_the_answer_opens_the_run(
        self, client: Client, library: None, worker: None
    ) -> None:
        made = ask(client, prompt="letter", values={"topic": "rain"}, seed=7)
        assert made.status_code == 201, made.content
        token, links = made.json()["token"], made.json()["links"]
        path = links["read"].removeprefix("http://testserver")
        mine = {"Authorization": f"Bearer {token}"}
        run = client.get(path, headers=mine).json()
        assert (run["state"], run["prompt"]) == ("queued", "Write about rain for the job letter.")
        assert Prompt.objects.get(slug="letter").run_count == 1
        for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": token}):
            assert client.get(path, headers=headers).status_code == 404
            assert client.post(f"{path}/stop", headers=headers).status_code == 404
        leads = client.get(f"{path}/events", headers=mine)
        assert (leads.status_code, leads.headers["Location"][:6]) == (307, "/runs/")
        assert client.post(f"{path}/stop", headers=mine).json() == {"state": "stopped"}
        assert Run.objects.get().state == State.STOPPED

    def test_the_same_token_and_key_give_the_same_run(self, client: Client, worker: None) -> None:
        first = ask(client, text="hello", key="k").json()
        again = ask(client, first["token"], text="hello", key="k2")
        once_more = ask(client, first["token"], text="hello", key="k2")
        assert (again.json()["token"], once_more.status_code) == (None, 200)
        assert again.json()["id"] == once_more.json()["id"]

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({}, 400, "empty_prompt"),
            ({"prompt": "none"}, 404, "unknown_source"),
            ({"prompt": "photo"}, 400, "not_runnable"),
            ({"prompt": "letter"}, 400, "missing_variable"),
            ({"prompt": "letter", "values": {"topic": "x", "n": "1"}}, 400, "unknown_field"),
            ({"text": "x", "temperature": 9}, 422, "invalid"),
            ({"text": "x", "n": 5}, 422, "invalid"),
            ({"text": "a\0b"}, 400, "bad_encoding"),
            ({"text": "\ud800"}, 422, "invalid"),
            ({"text": "x" * 8001}, 422, "invalid"),
        ],
    )
    def test_what_cannot_be_asked_is_refused_in_words(
        self,
        client: Client,
        library: None,
        worker: None,
        body: dict[str, Any],
        status: int,
        code: str,
    ) -> None:
        answer = ask(client, **body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
        assert Run.objects.count() == 0

    @pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
    def test_another_page_cannot_ask_for_its_reader(
        self, client: Client, worker: None, kind: str
    ) -> None:
        answer = client.post("/api/v1/runs", '{"text": "hello"}', kind)
        assert answer.status_code == 415

    def test_a_cookie_of_the_site_opens_nothing_here(self, client: Client, worker: None) -> None:
        client.get("/runs/ready")
        run_id = ask(client, text="hello").json()["id"]
        assert client.get(f"/api/v1/runs/{run_id}").status_code == 404

    def test_without_a_worker_the_answer_says_when_to_come_back(
        self, client: Client, broker: None
    ) -> None:
        answer = ask(client, text="hello")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "no_worker")


def test_the_web_process_loads_no_model() -> None:
    code = "import config.asgi, config.urls, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
