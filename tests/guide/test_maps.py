"""The maps show every term once, with its links, and every name so that it can be read."""

import math
from itertools import combinations

import pytest
from django.test import Client

from guide.maps.ring import draw_ring
from guide.maps.shapes import on_circle
from guide.maps.surroundings import WIDTH, draw_surroundings
from guide.models import Definition, Status
from guide.shelf import Entry
from tests import factories

GROUPS = [(7, "a", "First"), (3, "b", "Second"), (9, "c", "Empty")]
ENTRIES = [Entry(n, f"t{n:02}", f"Term {n:02}", (), 7 if n < 20 else 3, "basic") for n in range(60)]


def test_every_term_stands_once_on_the_ring_and_far_enough_from_the_next() -> None:
    ring = draw_ring(GROUPS, ENTRIES, [])
    assert [mark.slug for mark in ring.marks] == [entry.slug for entry in ENTRIES]
    assert [sector.name for sector in ring.sectors] == ["First", "Second"]
    nearest = min(math.dist((a.x, a.y), (b.x, b.y)) for a, b in combinations(ring.marks, 2))
    assert nearest > 13


def test_no_name_on_the_ring_stands_on_its_head() -> None:
    for mark in draw_ring(GROUPS, ENTRIES, []).marks:
        turn = (mark.turn + 180) % 360 - 180
        assert -90 <= turn <= 90
        assert mark.anchor == ("start" if mark.x >= 0 else "end")


def test_a_link_is_one_line_that_belongs_to_both_ends() -> None:
    ring = draw_ring(GROUPS, ENTRIES, [("t01", "t40"), ("t40", "t01"), ("t01", "gone")])
    lines = {mark.slug: mark.lines for mark in ring.marks if mark.lines}
    assert ring.line_count == 1
    assert set(lines) == {"t01", "t40"}
    assert lines["t01"] == lines["t40"]


def test_a_circle_begins_at_the_top_and_runs_clockwise() -> None:
    assert str(on_circle(0, 10)) == "0.0 -10.0"
    assert str(on_circle(math.pi / 2, 10)) == "10.0 -0.0"


@pytest.mark.django_db
class TestPages:
    @pytest.fixture(autouse=True)
    def terms(self) -> None:
        above = factories.make_definition("above", term="Above")
        term = factories.make_definition("term", term="The term itself")
        term.broader.add(above)
        for number in range(9):
            below = factories.make_definition(f"below-{number}", term=f"Below it {number}")
            below.broader.add(term)
        for number in range(5):
            beside = factories.make_definition(f"beside-{number}", term=f"Beside {number}")
            term.related.add(beside)
        term.related.add(above)

    def test_the_surroundings_name_each_kin_once_and_no_labels_overlap(self) -> None:
        term = Definition.objects.with_parts().get(slug="term")
        drawing = draw_surroundings(
            term, list(term.broader.all()), list(term.narrower.all()), 2 * list(term.related.all())
        )
        assert drawing is not None
        labels = [drawing.centre, *drawing.labels]
        assert len({label.name for label in labels}) == len(labels) == 1 + 1 + 6 + 5
        for label in labels:
            assert label.left >= 0
            assert label.left + label.width <= WIDTH
            assert label.top >= 0
            assert label.top + 34 <= drawing.height
        for one, other in combinations(labels, 2):
            is_apart = abs(one.x - other.x) >= (one.width + other.width) / 2
            assert is_apart or abs(one.y - other.y) >= 34, (one.name, other.name)

    def test_a_page_shows_its_surroundings_and_only_published_ones(self, client: Client) -> None:
        Definition.objects.filter(slug="beside-0").update(status=Status.DRAFT)
        html = client.get("/glossary/term/").text
        assert 'class="surroundings"' in html
        assert ">Beside 1</text>" in html
        assert ">Beside 0</text>" not in html

    def test_the_map_links_to_every_published_term(self, client: Client) -> None:
        Definition.objects.filter(slug="beside-0").update(status=Status.DRAFT)
        html = client.get("/glossary/map/").text
        assert html.count('<g class="mark') == 15
        assert '<a href="/glossary/below-3/"><text' in html
        assert "beside-0" not in html

    def test_a_text_links_to_the_terms_that_it_mentions(self, client: Client) -> None:
        other = factories.make_definition(
            "other", term="Other", full="About the term itself, `above`."
        )
        html = client.get(other.get_absolute_url()).text
        assert '<a class="term" href="/glossary/term/">' in html
