"""Which prompts belong together: alike by their words, or one after the other."""

import time

import pytest
from django.test import Client

from guide.content.kinship import Job, relate_prompts, relations
from guide.models import RelatedPrompt
from tests import factories

JOBS = [
    Job(1, 1, "complaint letter landlord heating", "landlord heating", "a complaint letter"),
    Job(2, 1, "complaint landlord damp wall", "landlord damp", "a formal complaint"),
    Job(3, 2, "shorten letter to half", "the complaint letter to shorten", "a short text"),
    Job(4, 2, "shorten text recipe", "recipe of a soup", "a short recipe"),
    Job(5, 3, "soup recipe for winter", "soup and winter", "a recipe of a soup"),
]


def kin(jobs: list[Job], kinship: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one, other, kind, _ in relations(jobs):
        if kind == kinship:
            found.setdefault(one, []).append(other)
    return found


def test_the_same_job_shares_its_telling_words() -> None:
    same = kin(JOBS, "same")
    assert same[1][0] == 2
    assert same[5] == [4]


def test_the_next_job_takes_what_the_first_one_gives() -> None:
    assert 3 in kin(JOBS, "same")[1] + kin(JOBS, "next").get(1, [])
    for one, others in kin(JOBS, "next").items():
        shelf = {job.pk: job.shelf for job in JOBS}
        assert all(shelf[other] != shelf[one] for other in others)


def test_nothing_is_its_own_relative_or_named_twice() -> None:
    pairs = [(one, other) for one, other, _, _ in relations(JOBS)]
    assert len(set(pairs)) == len(pairs)
    assert all(one != other for one, other in pairs)


def test_thousands_are_compared_in_seconds() -> None:
    jobs = [
        Job(n, n % 120, *(" ".join(f"w{(n * k * 7 + k) % 4000}" for k in range(60)),) * 3)
        for n in range(2650)
    ]
    started = time.perf_counter()
    assert list(relations(jobs))
    assert time.perf_counter() - started < 12


@pytest.mark.django_db
def test_relations_are_stored_once_and_shown_in_their_order(client: Client) -> None:
    shelf, other = factories.make_category("letters"), factories.make_category("soups")
    for slug, words in (("a", "landlord heating"), ("b", "landlord heating damp"), ("c", "damp")):
        factories.make_prompt(slug, template=f"Write about {words} [topic].", category=shelf)
    factories.make_prompt("d", template="Cook [topic].", category=other)
    relate_prompts()
    first = set(RelatedPrompt.objects.values_list("pk", flat=True))
    relate_prompts()
    assert first == set(RelatedPrompt.objects.values_list("pk", flat=True))
    context = client.get("/prompts/a/").context
    assert context["same_job"][0].slug == "b"
