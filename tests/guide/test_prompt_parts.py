"""What stands beside a prompt: typed values, versions with differences, reports, embedding."""

import json
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.models import User
from django.test import Client

from guide.differences import differences
from guide.models import ContentStamp, Prompt, Report, Variable
from tests import factories

VALUES = json.loads(Path(__file__).with_name("value_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", VALUES, ids=lambda case: repr(case["value"])[:30])
def test_a_value_is_judged_by_the_shared_rules(case: dict[str, Any]) -> None:
    assert Variable(name="x", **case["variable"]).problem_with(case["value"]) == case["problem"]


class TestDifferences:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("", "All new."),
            ("All gone.", ""),
            ("Write a short letter.", "Write a very long letter."),
            ("one two three", "three two one"),
            ("a\nb\nc", "a\nc\nd\n"),
            ("x " * 3000, "y " * 3000),
        ],
    )
    def test_they_lead_from_one_text_to_the_other(self, before: str, after: str) -> None:
        pieces = differences(before, after)
        assert "".join(p.text for p in pieces if p.kind != "added") == before
        assert "".join(p.text for p in pieces if p.kind != "removed") == after

    def test_they_mark_words_and_not_letters(self) -> None:
        pieces = differences("Write a short letter.", "Write a long letter.")
        assert [(p.kind, p.text) for p in pieces] == [
            ("kept", "Write a "),
            ("removed", "short"),
            ("added", "long"),
            ("kept", " letter."),
        ]

    def test_equal_texts_have_none(self) -> None:
        assert [p.kind for p in differences("the same", "the same")] == ["kept"]


@pytest.fixture
def letter(db: None) -> Prompt:
    return factories.make_prompt("letter", title="A letter", template="Write to [person].")


class TestVersions:
    def test_each_shows_what_changed(self, client: Client, letter: Prompt) -> None:
        letter.template = "Write a note to [person]."
        letter.save()
        page = client.get("/prompts/letter/versions/").content.decode()
        added = page.partition("<ins>")[2].partition("</ins>")[0]
        assert added.partition("</span>")[2].strip() == "a note"
        assert page.index("Version 2") < page.index("Version 1")
        assert 'href="/prompts/letter/versions/"' in client.get("/prompts/letter/").content.decode()

    def test_a_draft_has_no_page(self, client: Client, letter: Prompt) -> None:
        Prompt.objects.update(status="draft")
        assert client.get("/prompts/letter/versions/").status_code == 404
        assert client.get("/embed/prompts/letter/").status_code == 404
        assert client.get("/prompts/letter/report/").status_code == 404


class TestReports:
    URL = "/prompts/letter/report/"

    def test_a_report_is_kept_and_thanked_for(self, client: Client, letter: Prompt) -> None:
        answer = client.post(self.URL, {"reason": "wrong", "text": "A word\r\nis missing."})
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{self.URL}?sent")
        report = Report.objects.get()
        assert (report.prompt, report.reason, report.text) == (
            letter,
            "wrong",
            "A word\nis missing.",
        )
        assert len(report.sender) == 64
        assert b"Thank you" in client.get(f"{self.URL}?sent").content

    def test_the_same_report_is_kept_once(self, client: Client, letter: Prompt) -> None:
        for _ in range(20):
            client.post(self.URL, {"reason": "wrong", "text": "Again."})
        assert Report.objects.count() == 1

    def test_a_sixth_report_within_an_hour_is_too_many(
        self, client: Client, letter: Prompt
    ) -> None:
        codes = [
            client.post(self.URL, {"reason": "wrong", "text": f"No. {n}"}).status_code
            for n in range(6)
        ]
        assert codes == [302] * 5 + [429]
        assert Report.objects.count() == 5
        elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
        answer = client.post(self.URL, {"reason": "wrong"}, **elsewhere)  # type: ignore[arg-type]
        assert answer.status_code == 302

    def test_a_forwarded_header_is_no_other_sender(self, client: Client, letter: Prompt) -> None:
        for n in range(7):
            headers = {"X-Forwarded-For": f"198.51.100.{n}"}
            client.post(self.URL, {"reason": "wrong", "text": str(n)}, headers=headers)
        assert Report.objects.count() == 5

    @pytest.mark.parametrize(
        "fields",
        [
            *({}, {"reason": "bored"}, {"reason": "other"}),
            *({"reason": "wrong", "text": text} for text in ("x" * 1001, "a\0b")),
        ],
    )
    def test_what_does_not_fit_is_said_and_not_kept(
        self, client: Client, letter: Prompt, fields: dict[str, str]
    ) -> None:
        answer = client.post(self.URL, fields)
        assert answer.status_code == 400
        assert b'class="problem"' in answer.content
        assert Report.objects.count() == 0

    def test_a_machine_that_fills_everything_in_is_not_heard(
        self, client: Client, letter: Prompt
    ) -> None:
        answer = client.post(self.URL, {"reason": "wrong", "website": "https://spam.example"})
        assert answer.status_code == 302
        assert Report.objects.count() == 0

    def test_without_the_token_of_the_form_nothing_is_kept(self, letter: Prompt) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(self.URL, {"reason": "wrong"}).status_code == 403

    def test_curators_see_it_escaped_and_settle_it(self, client: Client, letter: Prompt) -> None:
        Report.objects.create(prompt=letter, reason="wrong", text="<script>x</script>", sender="s")
        client.force_login(User.objects.create_superuser("curator"))
        page = client.get("/admin/guide/report/").content.decode()
        assert "&lt;script&gt;x" in page
        chosen = {"action": "settle", "_selected_action": Report.objects.get().pk}
        client.post("/admin/guide/report/", chosen)
        assert Report.objects.get().is_settled


class TestEmbedding:
    def test_the_page_may_be_framed_and_runs_nothing(self, client: Client, letter: Prompt) -> None:
        for _ in range(2):  # the second time it comes from memory
            answer = client.get("/embed/prompts/letter/")
            assert "X-Frame-Options" not in answer.headers
            policy = answer.headers["Content-Security-Policy"]
            assert "frame-ancestors *" in policy
            assert "default-src 'none'" in policy
        assert 'href="http://testserver/prompts/letter/" target="_top"' in answer.content.decode()

    def test_no_other_page_may_be_framed(self, client: Client, letter: Prompt) -> None:
        for path in ("/prompts/letter/", "/prompts/", "/embed/prompts/nothing/"):
            answer = client.get(path)
            assert answer.headers["X-Frame-Options"] == "DENY"
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]

    def test_the_page_gives_the_code_to_copy(self, client: Client, letter: Prompt) -> None:
        Prompt.objects.update(title="It's a <b>")
        ContentStamp.renew()
        page = unescape(client.get("/prompts/letter/").content.decode())
        code = (
            "<iframe src='http://testserver/embed/prompts/letter/' width='640' height='420' "
            "loading='lazy' title='It&#x27;s a &lt;b&gt;'></iframe>"
        )
        assert page.count(code) == 2  # to read and to copy

    def test_oembed_gives_a_frame_that_fits(self, client: Client, letter: Prompt) -> None:
        url = quote("http://testserver/prompts/letter/", safe="")
        values = client.get(f"/oembed?url={url}&maxwidth=300&format=json").json()
        assert (values["version"], values["type"], values["width"]) == ("1.0", "rich", 300)
        assert 'src="http://testserver/embed/prompts/letter/"' in values["html"]
        assert f"/oembed?url={url}" in client.get("/prompts/letter/").content.decode()

    @pytest.mark.parametrize(
        "url",
        [
            *("", "http://elsewhere/prompts/letter/", "http://testserver/glossary/", "http://["),
            *("\0", "http://testserver/prompts/none/", "javascript:alert(1)"),
            "//testserver/prompts/letter/",
        ],
    )
    def test_oembed_knows_no_other_address(self, client: Client, letter: Prompt, url: str) -> None:
        assert client.get("/oembed", {"url": url}).status_code == 404

    def test_oembed_offers_json_only(self, client: Client, letter: Prompt) -> None:
        url = "http://testserver/prompts/letter/"
        assert client.get("/oembed", {"url": url, "format": "xml"}).status_code == 501
        for width in ("-5", "1e9", "٣", "9" * 400):
            values = client.get("/oembed", {"url": url, "maxwidth": width}).json()
            assert 200 <= values["width"] <= 640
