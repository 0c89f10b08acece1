"""Rules for variables: each [name] of a text is described once, and what is described is used."""

from collections.abc import Iterator, Sequence

from guide import variables
from guide.content.building import Problem
from guide.content.records import Variable
from guide.content.rules.text import choice_problems, length_problems

KINDS = ("text", "longtext", "choice", "number")


def variables_problems(text: str, described: Sequence[Variable]) -> Iterator[Problem]:
    """The variables of a template: a match both ways, and each one complete."""
    used, names = variables.find(text), [variable.name for variable in described]
    for name in used:
        if name not in names:
            sentence = f"[{name}] stands in the text but has no entry in variables."
            yield Problem(("variables",), sentence)
    for number, variable in enumerate(described):
        if variable.name not in used:
            sentence = (
                f"The variable {variable.name!r} is described but [{variable.name}] is not used."
            )
            yield Problem(("variables", number), sentence)
        if variable.name in names[:number]:
            yield Problem(("variables", number), f"{variable.name!r} is described twice.")
        for problem in variable_problems(variable):
            yield Problem(("variables", number, *problem.path), problem.sentence)


def variable_problems(variable: Variable) -> Iterator[Problem]:
    yield from length_problems(("name",), variable.name, 41)
    yield from length_problems(("label",), variable.label, 80)
    if len(variable.help) > 300:
        yield Problem(("help",), "The help is longer than 300 characters.")
    yield from choice_problems(("type",), variable.type, KINDS)
    if not variable.default:
        yield Problem(("default",), "A default is missing: every text must run as it stands.")
    if variable.type == "choice":
        yield from _choice_problems(variable)
    elif variable.options:
        yield Problem(("options",), "Only a variable of the type choice has options.")
    if variable.type == "number" and not _is_number(variable.default):
        yield Problem(("default",), f"{variable.default!r} is not a number.")


def _choice_problems(variable: Variable) -> Iterator[Problem]:
    if len(set(variable.options)) < 2:
        yield Problem(("options",), "A choice needs at least two different options.")
    elif variable.default and variable.default not in variable.options:
        yield Problem(("default",), f"{variable.default!r} is not among the options.")


def _is_number(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return number - number == 0  # neither infinite nor "not a number"
