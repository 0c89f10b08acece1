"""Filling a template loses no text, fills nothing twice and leaves no marker, whatever is in it."""

from hypothesis import given
from hypothesis import strategies as st

from guide.variables import fill, find

NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9 _-]{0,40}", fullmatch=True)
# Literal text in which nothing is a marker, and which keeps two markers from touching.
PLAIN = st.characters(exclude_characters="[]\\`~(", exclude_categories=["Cs"])
LITERALS = st.text(PLAIN, min_size=1)
VALUES = st.text(max_size=60)


@given(st.lists(st.tuples(LITERALS, NAMES, VALUES), max_size=8), LITERALS)
def test_filling_puts_each_value_in_its_place_and_keeps_all_else(
    parts: list[tuple[str, str, str]], last: str
) -> None:
    values = {name: value for _, name, value in parts}
    template = "".join(f"{literal}[{name}]" for literal, name, _ in parts) + last
    assert find(template) == list(dict.fromkeys(name for _, name, _ in parts))
    expected = "".join(literal + values[name] for literal, name, _ in parts) + last
    assert fill(template, values) == expected


@given(NAMES, NAMES, VALUES)
def test_a_value_that_looks_like_a_variable_stays_as_it_is(
    one: str, other: str, value: str
) -> None:
    values = {one: f"[{other}]", other: value} if one != other else {one: f"[{other}]"}
    assert fill(f"<[{one}]>", values) == f"<[{other}]>"


@given(st.text(st.sampled_from("ab[]\\()`~ \n"), max_size=80))
def test_what_find_names_is_all_that_filling_touches(template: str) -> None:
    names = find(template)
    filled = fill(template, dict.fromkeys(names, "\ue000"))
    assert filled.count("\ue000") >= len(names)
    if not names:
        assert filled.replace("\\", "") == template.replace("\\", "")
