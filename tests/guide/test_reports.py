"""The check also says what a reviewer should look at, with few false alarms."""

from collections.abc import Callable
from dataclasses import asdict, replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from guide.content.records import Source
from guide.content.reports import counts, reports
from guide.content.reports.addresses import address_problems
from guide.content.reports.claims import unsourced
from guide.content.reports.counts import clicks_from
from guide.content.reports.prose import sentences
from guide.content.reports.readability import reading_ease, syllable_count
from tests.guide.content_files import Folder, words

Change = Callable[[Folder], object]
PLAIN = "The cat sat on the mat and ate its fish. It was glad. " * 8
DENSE = (
    "Organizational interoperability considerations necessitate comprehensive standardization of "
    "heterogeneous administrative documentation infrastructures internationally. " * 9
)


def prose(sentence_count: int, seed: str) -> str:
    """Plain sentences of eight words that stand nowhere else."""
    return " ".join(f"The cat sat on {seed}{n} and it purred." for n in range(sentence_count))


@pytest.fixture
def quiet(folder: Folder) -> Folder:
    """A folder with nothing to look at."""
    for slug, sections in folder.sections.items():
        full = "\n\n".join(prose(14, f"{slug}{name}") for name in "abc")
        sections["Full definition"] = full
        sections["Etymology"] = prose(6, f"{slug}e")
        sections["In practice"] = prose(20, f"{slug}p")
        for number, example in enumerate(folder.definitions[slug]["examples"]):
            example["why"] = prose(2, f"{slug}w{number}")
    for shelf in ("index", "plain-language"):
        text = prose(10, shelf)
        folder.shelf_texts[f"writing/{shelf}"] = f"---\ntechniques: [token]\n---\n\n{text}\n"
    return folder


def found(folder: Folder, sentence: str) -> list[str]:
    assert folder.errors() == []
    return [report for report in reports(folder.read()) if sentence in report]


def set_term(key: str, value: object) -> Change:
    return lambda folder: folder.definitions["token"].update({key: value})


def set_section(name: str, text: str) -> Change:
    return lambda folder: folder.sections["token"].update({name: text})


def add_far_term(folder: Folder) -> None:
    """A term that names others and is named by none."""
    folder.definitions["far"] = folder.definitions["model"] | {
        **{"slug": "far", "term": "Far", "aliases": [], "broader": ["token"]},
        "related": ["token", "training", "sampling"],
    }
    folder.sections["far"] = {k: f"far {v}" for k, v in folder.sections["model"].items()}
    folder.group["order"].append("far")


@pytest.mark.parametrize(
    ("change", "sentence", "place"),
    [
        (add_far_term, "No other term links here", "definitions/far.md"),
        (add_far_term, "do not link back: token, training, sampling", "definitions/far.md"),
        (set_section("Common mistakes", words(10, "m")), "The mistakes has 10", "token.md"),
        (set_section("Etymology", words(130, "e")), "The etymology has 130", "token.md"),
        (
            set_section("Full definition", "\n\n".join([DENSE + words(40, "d")] * 3)),
            "ease",
            "token",
        ),
        (set_section("Etymology", "It was coined in 1956."), "A number without a source", "token"),
    ],
)
def test_a_page_to_look_at_is_named(
    quiet: Folder, change: Change, sentence: str, place: str
) -> None:
    change(quiet)
    (report,) = found(quiet, sentence)
    assert place in report


def test_a_whole_page_has_a_length_that_reads_well(quiet: Folder) -> None:
    assert found(quiet, "The page has") == []
    quiet.sections["token"]["In practice"] = prose(13, "p")
    quiet.sections["token"]["Full definition"] = "\n\n".join(prose(11, name) for name in "xyz")
    quiet.definitions["token"]["faq"] = [
        {"q": f"Why {n}?", "a": prose(4, f"a{n}")} for n in range(3)
    ]
    (report,) = found(quiet, "The page has")
    assert "600 to 1000 read best" in report


def test_a_sentence_that_stands_on_two_pages_is_told(quiet: Folder) -> None:
    quiet.add_contrast("token", "training")
    same = "Every token counts, and counting costs tokens. "
    quiet.sections["token"]["In practice"] += f" {same}"
    quiet.contrast_sections["token-vs-training"]["When to use which"] = same + prose(12, "u")
    told = found(quiet, "stands on the page of token too: Every token")
    assert [report.partition(":")[0] for report in told] == ["contrasts/token-vs-training.md"]


def source(url: str, year: int = 2020) -> Source:
    return Source(title="A paper", author="Somebody", year=year, url=url)


@pytest.mark.parametrize(
    ("url", "year", "sentence"),
    [
        ("https://arxiv.org/abs/2005.14165", 2020, ""),
        ("https://arxiv.org/abs/2005.14165v4", 2022, ""),
        ("https://arxiv.org/abs/cs/0112017", 2001, ""),
        ("https://arxiv.org/pdf/2005.14165", 2020, "reads like /abs/2005.14165"),
        ("https://arxiv.org/abs/2013.14165", 2020, "reads like"),
        ("https://arxiv.org/abs/2101.00027", 2020, "appeared in 2021"),
        ("https://arxiv.org/abs/1706.03762", 2029, "appeared in 2017"),
        ("https://doi.org/10.1037/h0057532", 1948, ""),
        ("https://doi.org/h0057532", 1948, "reads like /10.1000/182"),
        ("https://dx.doi.org/10.1037/h0057532", 1948, "stands under doi.org"),
        ("https://aclanthology.org/P02-1040/", 2002, ""),
        ("https://aclanthology.org/2020.acl-main.703/", 2020, ""),
        ("https://aclanthology.org/D19", 2019, "reads like"),
        ("https://www.rfc-editor.org/rfc/rfc9110.html", 2022, ""),
        ("https://www.rfc-editor.org/rfc9110", 2022, "reads like"),
        ("http://example.org/a", 2020, "use https"),
        ("https://en.wikipedia.org/wiki/Token", 2020, "no primary source"),
    ],
)
def test_an_address_that_cannot_be_right_is_told(url: str, year: int, sentence: str) -> None:
    problems = list(address_problems(source(url, year)))
    assert len(problems) == bool(sentence), problems
    assert sentence in "".join(problems)


def test_a_source_that_is_cited_twice_or_with_two_years_is_told(quiet: Folder) -> None:
    paper = source("https://arxiv.org/abs/1706.03762", 2017)
    again = replace(paper, url=f"{paper.url}v5")
    quiet.definitions["token"]["sources"] = [asdict(paper), asdict(again)]
    quiet.definitions["model"]["sources"] = [asdict(replace(paper, year=2018))]
    assert len(found(quiet, "is listed twice")) == 1
    told = found(quiet, "here and 2018 on the page of model")
    assert {report.partition(":")[0] for report in told} == {"definitions/token.md"}


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("It failed in 40 per cent of cases.", True),
        ("It was coined in 1956.", True),
        ("It failed in 40 per cent of cases (Press et al., 2022).", False),
        ("Press counted. It failed in 40 per cent of cases.", False),
        ("See [the paper](https://example.org). It failed in 40 % of cases.", False),
        ("It was coined in 2022, like much else.", False),
        ("It was common in the 1960s.", False),
        ("It came up around 2020.", False),
        ("Suppose that 40 per cent fail.", False),
        ("With 40 per cent per step, two steps give 16 per cent.", False),
        ('The label "1956 poster" names a style.', False),
        ("There are 40 of them.", False),
        ("Ask for a `2027-04-03` date.", True),
    ],
)
def test_a_number_that_is_a_claim_wants_a_source(text: str, is_told: bool) -> None:
    assert bool(list(unsourced(text, {"Press", "2022"}))) is is_told


def test_sentences_are_cut_at_their_ends_only() -> None:
    text = 'Ask Dr. Vaswani et al., e.g. by mail. "Why?" It costs 3.5 cents (cf. Fig. 2)! Yes.'
    assert sentences(text) == [
        "Ask Dr. Vaswani et al., e.g. by mail.",
        '"Why?',
        "It costs 3.5 cents (cf. Fig. 2)!",
        "Yes.",
    ]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *(("cat", 1), ("token", 2), ("model", 2), ("make", 1), ("table", 2), ("asked", 1)),
        *(("wanted", 2), ("reading", 2), ("probability", 5), ("vector's", 2), ("GPU", 3)),
        *(("the", 1), ("rhythm", 1), ("boxes", 2), ("times", 1), ("LLM", 3)),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert syllable_count(word) == count


def test_plain_words_read_more_easily_than_dense_ones() -> None:
    plain, dense = reading_ease(PLAIN), reading_ease(DENSE)
    assert plain
    assert dense
    assert plain > 100 > 0 > dense
    assert reading_ease("Too short.") is None


def test_what_there_is_is_counted(folder: Folder) -> None:
    add_far_term(folder)
    folder.add_contrast("token", "training")
    folder.definitions["token"]["examples"][0]["tier"] = "M"
    folder.definitions["inference"] = folder.definitions.pop("model") | {
        **{"slug": "inference", "term": "Inference", "aliases": []},
    }
    folder.sections["inference"] = folder.sections.pop("model")
    told = str(counts(folder.read()))
    assert told.startswith(
        "5 terms, 1 contrasts, 12 examples (92% for a small model), 17 questions"
    )


def test_clicks_are_the_shortest_way() -> None:
    links = {"a": {"b", "c"}, "b": {"d"}, "c": {"a"}, "d": {"e"}, "x": {"a"}}
    assert clicks_from("a", links) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 3}


def check(folder: Folder, *options: str) -> str:
    folder.write()
    out = StringIO()
    call_command("load_content", "--check", *options, folder=folder.path, stdout=out, stderr=out)
    return out.getvalue()


def test_the_check_tells_reports_and_only_the_strict_one_fails(quiet: Folder) -> None:
    told = check(quiet, "--strict")
    assert "0 report(s). 4 terms" in told
    quiet.sections["token"]["Etymology"] = "From Latin."
    told = check(quiet)
    assert "look at definitions/token.md:" in told
    assert "1 report(s). 4 terms" in told
    with pytest.raises(CommandError, match="--strict allows none"):
        check(quiet, "--strict")
