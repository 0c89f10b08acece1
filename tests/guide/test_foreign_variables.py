"""Variables written in other ways become ours, and nothing of the text is lost on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guide.foreign_variables import SYNTAXES, convert, detect
from guide.variables import fill, find

MARKED = {
    "{{name}}": "{{%s}}",
    "${name}": "${%s}",
    "[[name]]": "[[%s]]",
    "%name%": "%%%s%%",
    "<name>": "<%s>",
}


@pytest.mark.parametrize(
    ("text", "syntax", "template"),
    [
        (
            "Write to {{ recipient }} about {{topic}}.",
            "{{name}}",
            "Write to [recipient] about [topic].",
        ),
        ("Hi ${first_name}, about ${topic:our rent}", "${name}", "Hi [first_name], about [topic]"),
        ("As [[Trade]], fix [[problem]].", "[[name]]", "As [Trade], fix [problem]."),
        ("Sell %product% at 20% off, not 30%.", "%name%", "Sell [product] at 20% off, not 30%."),
        ("Ask <name> for <date>.<br>Thanks", "<name>", "Ask [name] for [date].<br>Thanks"),
        ("<text>{{text}}</text>", "{{name}}", "<text>[text]</text>"),
        ("{{user.name}} and {{user-name}}", "{{name}}", "[user name] and [user-name]"),
        ("{{größe}}", "{{name}}", "[gr e]"),
    ],
)
def test_each_way_to_mark_a_variable_is_known(text: str, syntax: str, template: str) -> None:
    assert detect(text) == syntax
    assert convert(text, syntax).template == template


def test_a_default_comes_along() -> None:
    assert convert("${tone:warm} ${tone}", "${name}").defaults == {"tone": "warm"}


def test_two_names_that_ours_cannot_tell_apart_get_numbers() -> None:
    converted = convert("{{a.b}} {{a b}} {{a.b}}", "{{name}}")
    assert converted.template == "[a b] [a b 2] [a b]"
    assert converted.names == ("a b", "a b 2")


@pytest.mark.parametrize(
    "text", ["Plain words.", "[topic]", "50% of 30%", "<b>x</b>", "<doc>x</doc>", "{x}", ""]
)
def test_a_text_without_foreign_variables_has_no_syntax(text: str) -> None:
    assert detect(text) is None


def test_code_is_left_alone() -> None:
    text = "Fix this:\n```\n{{x}} [y]\n```\nfor {{z}}"
    assert convert(text, "{{name}}").template == "Fix this:\n```\n{{x}} [y]\n```\nfor [z]"


NAMES = st.sampled_from(["topic", "user.name", "Größe", "a_b", "x1", "long-name"])
LITERALS = st.text(st.sampled_from("ab 1\n[]()\\.,:é🙂"), max_size=12)


@given(st.lists(st.tuples(LITERALS, NAMES), max_size=6), LITERALS, st.sampled_from(SYNTAXES))
def test_filling_a_converted_text_loses_nothing_and_leaves_no_marker(
    parts: list[tuple[str, str]], last: str, syntax: str
) -> None:
    text = "".join(literal + MARKED[syntax] % name for literal, name in parts) + last
    converted = convert(text, syntax)
    assert find(converted.template) == list(converted.names)
    filled = fill(converted.template, dict.fromkeys(converted.names, "\ue000"))
    assert filled.count("\ue000") == len(parts)
    # Only spaces may have come between a marker and a bracket that it touched.
    kept = "".join(literal for literal, _ in parts) + last
    assert filled.replace("\ue000", "").replace(" ", "") == kept.replace(" ", "")


@given(st.text(st.sampled_from("ab 1\n[](){}\\`~%$<>:"), max_size=60), st.sampled_from(SYNTAXES))
def test_any_text_is_converted_to_a_template_that_fills(text: str, syntax: str) -> None:
    converted = convert(text, syntax)
    assert set(find(converted.template)) == set(converted.names)
