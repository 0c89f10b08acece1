"""The first mention of a term links to its page: once, and never where a link would be wrong."""

import pytest

from guide.autolinks import Page, read_terms
from guide.shelf import Entry


def page(*neighbours: str, own: str = "") -> Page:
    entries = [
        Entry(1, "kv-cache", "KV cache", ("key-value cache",), 1, "basic"),
        Entry(2, "memory", "Memory", ("agent memory",), 1, "basic"),
        Entry(3, "react", "ReAct", (), 1, "basic"),
        Entry(4, "few-shot-prompting", "Few-shot prompting", ("few-shot",), 1, "basic"),
        Entry(5, "large-language-model", "Large language model", ("LLM",), 1, "basic"),
    ]
    return Page(read_terms(entries), set(neighbours), {own})


def link(slug: str, text: str) -> str:
    return f'<a class="term" href="/glossary/{slug}/">{text}</a>'


def test_only_the_first_mention_becomes_a_link() -> None:
    linked = page()
    assert (
        linked.link("<p>The KV cache grows.</p>")
        == f"<p>The {link('kv-cache', 'KV cache')} grows.</p>"
    )
    assert linked.link("<p>A KV cache again.</p>") == "<p>A KV cache again.</p>"


def test_the_page_of_a_term_does_not_link_to_itself() -> None:
    assert page(own="kv-cache").link("the key-value cache") == "the key-value cache"


@pytest.mark.parametrize(
    "html",
    [
        "<code>KV cache</code>",
        "<pre><code>KV cache</code></pre>",
        '<a href="/x/">the <em>KV cache</em></a>',
        "<h3>KV cache</h3>",
        '<p title="KV cache">none</p>',
        "KV, cache",
        "KV. Cache",
        "KVcache",
    ],
)
def test_code_links_headings_attributes_and_other_words_stay(html: str) -> None:
    assert page().link(html) == html


def test_after_code_or_a_link_the_text_is_linked_again() -> None:
    html = page().link("<code>x</code> and a KV cache")
    assert html == f"<code>x</code> and a {link('kv-cache', 'KV cache')}"


def test_plurals_hyphens_and_case_are_the_same_name() -> None:
    assert page().link("large language models") == link(
        "large-language-model", "large language models"
    )
    assert page().link("Few shot") == link("few-shot-prompting", "Few shot")
    assert page().link("LLMs") == link("large-language-model", "LLMs")


def test_the_longest_name_wins() -> None:
    assert page().link("few-shot prompting") == link("few-shot-prompting", "few-shot prompting")


def test_a_name_with_capitals_inside_is_only_that_name() -> None:
    assert page().link("they react to llm") == "they react to llm"
    assert page().link("ReAct") == link("react", "ReAct")


def test_a_common_word_links_only_where_the_page_itself_links_to_its_term() -> None:
    assert page().link("a memory of summer") == "a memory of summer"
    assert page("memory").link("a memory") == f"a {link('memory', 'memory')}"
    assert page().link("agent memory") == link("memory", "agent memory")
