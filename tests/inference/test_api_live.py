"""A program asks the running site, follows the answer token by token, and reads what was stored."""

import json

import httpx

from tests.site import Site


def test_a_program_follows_its_run_to_the_end(site: Site) -> None:
    with httpx.Client(base_url=f"{site.url}/api/v1", timeout=60, follow_redirects=True) as api:
        made = api.post("/runs", json={"text": "What is a token?", "seed": 7, "max_tokens": 24})
        assert made.status_code == 201, made.text
        run_id = made.json()["id"]
        api.headers["Authorization"] = f"Bearer {made.json()['token']}"
        with api.stream("GET", f"/runs/{run_id}/events") as stream:
            assert stream.headers["Content-Type"].startswith("text/event-stream")
            lines = list(stream.iter_lines())
        deltas = [json.loads(line[6:]) for line in lines if line.startswith("data: ")]
        run = api.get(f"/runs/{run_id}").json()
        assert run["state"] == "succeeded"
        assert "".join(delta.get("text", "") for delta in deltas) == run["text"]
        assert run["is_owner"] is True
    assert httpx.get(f"{site.url}/api/v1/runs/{run_id}").status_code == 404
    assert not httpx.get(f"{site.url}/api/v1/prompts").cookies
