"""Every answer carries the strict headers, and every error is a sentence."""

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/", "/glossary/", "/prompts/", "/search/", "/nothing-here"])
def test_public_answers_allow_nothing_from_elsewhere(client: Client, path: str):
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_admin_has_the_same_policy_without_trusted_types(client: Client):
    policy = client.get("/admin/login/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "trusted-types" not in policy


def test_public_pages_set_no_cookie(client: Client):
    factories.make_definition(slug="inference")
    for path in ("/", "/glossary/inference/", "/prompts/"):
        answer = client.get(path)
        assert not answer.cookies
        assert "public" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/nothing", "/glossary/nothing/", "/prompts/nothing/", "/%00"])
def test_a_wrong_address_is_a_page_that_helps(client: Client, path: str):
    answer = client.get(path)
    assert answer.status_code == 404
    assert b"<h1" in answer.content


def test_a_wrong_address_is_json_for_a_program(client: Client):
    answer = client.get("/runs/nothing", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_foreign_host_is_refused(client: Client):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400


def test_health_is_200_while_pages_can_be_served(client: Client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"database": True, "broker": False, "models": []}


def test_pages_are_200_while_redis_is_away(client: Client, settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    factories.make_definition(slug="inference")
    for path in ("/", "/glossary/inference/", "/prompts/", "/search/?q=inference"):
        assert client.get(path).status_code == 200
