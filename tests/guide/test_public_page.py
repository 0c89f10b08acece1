"""A public page is one answer for everyone: compressed, conditional, without a cookie."""

import gzip

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from guide.models import Definition
from guide.public_page import LONGEST_QUERY, Memory, Page, memory, public_page
from tests import factories

pytestmark = pytest.mark.django_db
PATHS = ["/", "/glossary/", "/glossary/token/", "/prompts/", "/about/", "/search/?q=token"]
PATHS += ["/glossary.json", "/feed.atom", "/sitemap.xml", "/llms.txt", "/search.json?q=token"]


@pytest.fixture(autouse=True)
def token() -> Definition:
    return factories.make_definition("token", term="Token")


@pytest.mark.parametrize("path", PATHS)
def test_a_public_page_sets_no_cookie_and_may_be_kept(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["ETag"].startswith('W/"')
    assert not response.cookies


def test_somebody_logged_in_gets_the_same_bytes_and_no_cookie(client: Client) -> None:
    anonymous = client.get("/glossary/token/")
    client.force_login(User.objects.create_user("curator", is_staff=True))
    memory.clear()
    response = client.get("/glossary/token/")
    assert response.content == anonymous.content
    assert not response.cookies
    assert response.headers["Vary"] == "Accept-Encoding"


def test_a_page_is_compressed_for_those_who_can_read_it(client: Client) -> None:
    plain = client.get("/glossary/token/")
    packed = client.get("/glossary/token/", headers={"accept-encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content) / 2


@pytest.mark.parametrize("offer", ["identity", "gzip;q=0", "gzip; q=0.0", "x-gzip", "deflate", ""])
def test_nobody_gets_gzip_against_their_will(client: Client, offer: str) -> None:
    response = client.get("/glossary/token/", headers={"accept-encoding": offer})
    assert "Content-Encoding" not in response.headers


def test_a_page_that_did_not_change_is_not_sent_again(client: Client) -> None:
    etag = client.get("/glossary/token/").headers["ETag"]
    again = client.get("/glossary/token/", headers={"if-none-match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == etag
    other = client.get("/glossary/token/", headers={"if-none-match": '"something"'})
    assert other.status_code == 200


def test_an_edit_shows_at_once(client: Client, token: Definition) -> None:
    before = client.get("/glossary/token/")
    token.short = "Edited a moment ago."
    token.save()
    after = client.get("/glossary/token/", headers={"if-none-match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"Edited a moment ago." in after.content


def test_head_has_the_headers_without_the_page(client: Client) -> None:
    response = client.head("/glossary/token/")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_a_page_is_only_read(client: Client, method: str) -> None:
    assert getattr(client, method)("/glossary/token/").status_code == 405


def test_a_page_that_is_missing_is_never_kept(client: Client) -> None:
    assert "public" not in client.get("/glossary/nothing/").headers.get("Cache-Control", "")
    factories.make_definition("nothing")
    assert client.get("/glossary/nothing/").status_code == 200


def test_an_address_nobody_will_repeat_is_not_remembered(client: Client) -> None:
    client.get("/prompts/?q=" + "x" * LONGEST_QUERY)
    assert not memory.pages
    client.get("/prompts/?q=x")
    assert len(memory.pages) == 1


def test_the_memory_forgets_the_oldest_page_first() -> None:
    small = Memory(most_bytes=250)
    pages = {(name,): Page(b"x" * 100, b"", "text/plain", name, 60) for name in "abc"}
    for key, page in pages.items():
        small.put(key, page)
        assert small.get(("a",)) is pages["a",]
    assert small.get(("b",)) is None
    assert small.get(("c",)) is pages["c",]
    assert small.size == 200


def test_an_error_inside_a_page_is_not_kept() -> None:
    @public_page
    def broken(request: HttpRequest) -> HttpResponse:
        return HttpResponse("no", status=503)

    response = broken(RequestFactory().get("/broken/"))
    assert response.headers["Cache-Control"] == "no-store"
