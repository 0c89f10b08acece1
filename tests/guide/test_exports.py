"""What programs fetch: Markdown, JSON, linked data, the feed, the sitemap and the pictures."""

from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.utils.dateparse import parse_datetime
from PIL import Image

from guide.documents import fenced
from guide.models import Definition
from guide.views import sitemap
from tests import factories

pytestmark = pytest.mark.django_db
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def token() -> Definition:
    term = factories.make_definition("token", term="Token & <Co>", aliases=["tok"])
    factories.make_example(term, prompt="Cut [text].\n```\ncode\n```", answer="Done.")
    factories.make_faq(term)
    factories.make_source(term)
    above, beside = factories.make_definition("model"), factories.make_definition("sampling")
    below = factories.make_definition("byte")
    term.broader.set([above])
    term.related.set([beside])
    below.broader.set([term])
    return term


def test_a_definition_as_markdown_has_every_section(client: Client, token: Definition) -> None:
    response = client.get("/glossary/token.md")
    text = response.content.decode()
    assert response.headers["Content-Type"] == "text/markdown; charset=utf-8"
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        *("## Full definition", "## Etymology", "## Examples", "## In practice"),
        *("## Questions", "## Related", "## Sources"),
    ]
    assert "````\nCut [text].\n```\ncode\n```\n````" in text
    assert "- [Sampling](http://testserver/glossary/sampling/)" in text


def test_a_definition_as_json_is_what_the_page_says(client: Client, token: Definition) -> None:
    values = client.get("/glossary/token.json").json()
    assert values["term"] == "Token & <Co>"
    assert (values["related"], values["broader"]) == (["sampling"], ["model"])
    assert values["examples"][0]["ref"] == "token/1"
    assert values["examples"][0]["variables"][0]["name"] == "text"
    assert values["faq"] == [{"q": "Why is it so?", "a": "Because it is."}]


def test_a_definition_as_linked_data_is_a_concept(client: Client, token: Definition) -> None:
    response = client.get("/glossary/token.jsonld")
    assert response.headers["Content-Type"] == "application/ld+json"
    concept = response.json()
    assert concept["@type"] == "skos:Concept"
    assert concept["skos:broader"] == [{"@id": "http://testserver/glossary/model/#term"}]
    assert concept["skos:narrower"] == [{"@id": "http://testserver/glossary/byte/#term"}]
    assert concept["skos:altLabel"] == [{"@value": "tok", "@language": "en"}]


def test_the_glossary_as_json_has_every_published_term(client: Client, token: Definition) -> None:
    factories.make_contrast("token-vs-word", left=token)
    values = client.get("/glossary.json").json()
    slugs = {term["slug"] for term in values["definitions"]}
    assert slugs == {"token", "model", "sampling", "byte", "word"}
    assert [pair["slug"] for pair in values["contrasts"]] == ["token-vs-word"]
    assert [set(group["order"]) for group in values["groups"]] == [slugs]


def test_the_glossary_as_linked_data_is_a_scheme_of_concepts(
    client: Client, token: Definition
) -> None:
    group = factories.make_group()
    group.learning_order = ["token", "gone"]
    group.save()
    scheme = client.get("/glossary.jsonld").json()
    assert scheme["@type"] == "skos:ConceptScheme"
    tops = {top["@id"] for top in scheme["skos:hasTopConcept"]}
    assert tops == {f"http://testserver/glossary/{slug}/#term" for slug in ("model", "sampling")}
    by_id = {node["@id"]: node for node in scheme["@reverse"]["skos:inScheme"]}
    above = by_id["http://testserver/glossary/byte/#term"]["skos:broader"]
    assert above == [{"@id": "http://testserver/glossary/token/#term"}]
    listed = by_id["http://testserver/glossary/group/inference-and-decoding/#list"]
    assert listed["skos:memberList"] == {"@list": [{"@id": above[0]["@id"]}]}


def test_the_glossary_in_full_is_one_text(client: Client, token: Definition) -> None:
    factories.make_contrast("token-vs-word", left=token)
    text = client.get("/llms-full.txt").content.decode()
    titles = [line for line in text.splitlines() if line.startswith("# ")]
    assert titles[0] == "# Byte"
    assert titles[-1] == "# Token & <Co> vs word"
    assert len(titles) == 6
    short = client.get("/llms.txt").content.decode()
    assert "/llms-full.txt" in short
    assert "http://testserver/glossary/token-vs-word.md" in short


def test_a_prompt_as_markdown_and_json(client: Client, token: Definition) -> None:
    factories.make_prompt("letter", techniques=[token], tags=["letters"], template="To [you].")
    text = client.get("/prompts/letter.md").content.decode()
    assert "```\nTo [you].\n```" in text
    assert "- `[you]` You. Default: default you" in text
    values = client.get("/prompts/letter.json").json()
    assert (values["category"], values["subcategory"]) == ("writing-editing", "plain-language")
    assert (values["technique"], values["tags"]) == (["token"], ["letters"])


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fenced("a ```` b") == "`````\na ```` b\n`````"


def test_the_feed_holds_the_newest_of_both_kinds(client: Client, token: Definition) -> None:
    factories.make_contrast("token-vs-word", left=token, title="Two of a kind")
    factories.make_prompt("letter", title="A letter", description="With \x0b control")
    response = client.get("/feed.atom")
    feed = ElementTree.fromstring(response.content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]
    assert titles[0] == "A letter"
    assert "Token & <Co>" in titles
    assert "Two of a kind" in titles
    assert response.headers["Content-Type"].startswith("application/atom+xml")


def test_the_sitemap_lists_every_page_with_its_true_date(client: Client, token: Definition) -> None:
    factories.make_prompt("letter")
    factories.make_contrast("token-vs-word", left=token)
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [element.text or "" for element in index.iter(f"{SITEMAP}loc")]
    dates = {}
    for part in parts:
        tree = ElementTree.fromstring(client.get(part.removeprefix("http://testserver")).content)
        for url in tree.iter(f"{SITEMAP}url"):
            dates[url.findtext(f"{SITEMAP}loc")] = url.findtext(f"{SITEMAP}lastmod")
    assert "http://testserver/prompts/letter/" in dates
    assert "http://testserver/glossary/token-vs-word/" in dates
    group = dates["http://testserver/glossary/group/inference-and-decoding/"]
    newest = Definition.objects.order_by("updated_at").last()
    assert newest
    assert parse_datetime(group or "") == newest.updated_at.replace(microsecond=0)
    said = parse_datetime(dates["http://testserver/glossary/token/"] or "")
    token.refresh_from_db()
    assert said == token.updated_at.replace(microsecond=0)
    for url in dates:
        assert client.get((url or "").removeprefix("http://testserver")).status_code == 200


def test_a_large_site_has_more_sitemaps(
    client: Client, token: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PER_FILE", 3)
    assert b"sitemap-definitions-2.xml" in client.get("/sitemap.xml").content
    assert client.get("/sitemap-definitions-2.xml").content.count(b"<url>") == 1
    assert client.get("/sitemap-definitions-3.xml").status_code == 404
    assert client.get("/sitemap-definitions-0.xml").status_code == 404
    assert client.get("/sitemap-users-1.xml").status_code == 404


def test_conventions_are_kept(client: Client, token: Definition) -> None:
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in robots
    assert "Sitemap: http://testserver/sitemap.xml" in robots
    opensearch = ElementTree.fromstring(client.get("/opensearch.xml").content)
    url = opensearch.find("{http://a9.com/-/spec/opensearch/1.1/}Url")
    assert url is not None
    assert url.attrib["template"] == "http://testserver/search/?q={searchTerms}"
    assert "http://testserver/glossary/token.md" in client.get("/llms.txt").content.decode()


@pytest.mark.parametrize("title", ["Token", "A very long title " * 4, "数学 🙂", "x" * 80, "&<>"])
def test_every_page_has_a_picture_to_share(client: Client, title: str) -> None:
    factories.make_definition("pictured", term=title[:80])
    response = client.get("/og/pictured.png")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert Image.open(BytesIO(response.content)).size == (1200, 630)


def test_a_prompt_has_a_picture_too_and_the_site_one_for_the_rest(client: Client) -> None:
    factories.make_prompt("letter")
    factories.make_contrast("token-vs-word")
    assert client.get("/og/letter.png").status_code == 200
    assert client.get("/og/token-vs-word.png").status_code == 200
    assert client.get("/og/site.png").status_code == 200
