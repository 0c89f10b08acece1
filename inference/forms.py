"""What may be asked: one question from a page or from the reader, and its settings, all checked."""

import random
import re
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from guide import variables
from inference.catalogue import ModelEntry, catalogue
from inference.sources import Source, UnknownSource, find_source

MAX_PROMPT: Final = 8000
MAX_VALUE: Final = 4000
MAX_FIELDS: Final = 80
MAX_SEED: Final = 2**53
SETTING_FIELDS: Final = ("temperature", "top_p", "top_k", "max_tokens", "seed")
# These are stored only if they were sent; without them nothing is changed.
FINE_FIELDS: Final = (
    *("min_p", "repetition_penalty", "frequency_penalty", "presence_penalty"),
    *("top_logprobs", "ignore_eos"),
)
PLAIN_FIELDS: Final = frozenset(
    {"example", "prompt", "text", "model", "stop", "key", "csrfmiddlewaretoken"}
    | {*SETTING_FIELDS, *FINE_FIELDS}
)
DEFAULTS: Final[dict[str, float | int]] = {
    "temperature": 0.7,
    "top_p": 0.95,
    "top_k": 0,
    "max_tokens": 200,
}
# name -> (type, least, most, whether least itself is allowed, how to say it)
RANGES: Final[dict[str, tuple[type, float, float, bool, str]]] = {
    "temperature": (float, 0, 2, True, "Temperature is a number from 0 to 2."),
    "top_p": (float, 0, 1, False, "Top-p is a number above 0 and up to 1."),
    "top_k": (int, 0, 1000, True, "Top-k is a whole number from 0 (off) to 1000."),
    "max_tokens": (int, 1, 512, True, "Max tokens is a whole number from 1 to 512."),
    "seed": (int, 0, MAX_SEED, True, "The seed is a whole number from 0 to 9007199254740992."),
    "min_p": (float, 0, 1, True, "Min-p is a number from 0 (off) to 1."),
    "repetition_penalty": (
        *(float, 0.1, 10, True),
        "The repetition penalty is a number from 0.1 to 10; 1 is off.",
    ),
    "frequency_penalty": (
        *(float, -2, 2, True),
        "The frequency penalty is a number from -2 to 2; 0 is off.",
    ),
    "presence_penalty": (
        *(float, -2, 2, True),
        "The presence penalty is a number from -2 to 2; 0 is off.",
    ),
    "top_logprobs": (int, 0, 20, True, "Top logprobs is a whole number from 0 to 20."),
    "ignore_eos": (int, 0, 1, True, "Ignore eos is 1 (write on) or 0."),
}
KEY_RULE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
NUMBER_RULE: Final = re.compile(r"[+-]?(\d{1,20})(\.\d{0,20})?([eE][+-]?\d{1,3})?")


@dataclass
class Refused(Exception):
    """The question cannot be asked like this; the message says what to change."""

    code: str
    message: str
    field: str = ""
    status: int = 400


@dataclass(frozen=True, slots=True)
class Question:
    """A checked question, ready to become a run."""

    prompt: str
    settings: dict[str, Any]
    model: ModelEntry
    source: Source | None
    key: str | None


def decode(body: bytes) -> dict[str, list[str]]:
    """A urlencoded body as lists of values; what is not clean UTF-8 is refused, not repaired."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError as error:
        raise Refused("bad_encoding", "The text is not valid UTF-8. Type it again.") from error
    except ValueError as error:
        raise Refused("unknown_field", f"There are more than {MAX_FIELDS} fields.") from error
    fields: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\x00" in name or "\x00" in value:
            raise Refused(
                "bad_encoding", "The text holds a NUL character. Remove it and try again.", name
            )
        fields.setdefault(name, []).append(value)
    return fields


def read_question(fields: dict[str, list[str]]) -> Question:
    """Checks everything that was sent; the first thing wrong is refused with its field."""
    values = {name[2:]: given[0] for name, given in fields.items() if name.startswith("v.")}
    for name, given in fields.items():
        if not name.startswith("v.") and name not in PLAIN_FIELDS:
            raise Refused("unknown_field", f"There is no field called {name[:60]!r}.", name[:60])
        if len(given) > 1 and name != "stop":
            raise Refused("unknown_field", f"The field {name[:60]!r} was sent twice.", name[:60])
    source, template = _question_text(fields)
    prompt = _filled(source, template, values)
    preset = source.settings if source else {}
    return Question(
        prompt=prompt,
        settings=_settings(fields, preset),
        model=_model(_one(fields, "model")),
        source=source,
        key=_key(_one(fields, "key")),
    )


def read_fork(fields: dict[str, list[str]]) -> tuple[int, int | None]:
    """From which place of an answer to continue, and with which token there, if with another."""
    for name, given in fields.items():
        if name not in ("place", "token", "csrfmiddlewaretoken") or len(given) > 1:
            raise Refused("unknown_field", f"There is no field called {name[:60]!r}.", name[:60])
    place, token = _one(fields, "place"), _one(fields, "token")
    for name, raw in (("place", place), ("token", token or "0")):
        if not (raw.isascii() and raw.isdigit() and len(raw) < 8):
            raise Refused("bad_fork", "Place and token are whole numbers from 0.", name)
    return int(place), int(token) if token else None


def _one(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[0].strip()


def _question_text(fields: dict[str, list[str]]) -> tuple[Source | None, str]:
    given = [kind for kind in ("example", "prompt", "text") if fields.get(kind, [""])[0].strip()]
    if not given:
        raise Refused("empty_prompt", "Write something to ask first.", "text")
    if len(given) > 1:
        raise Refused(
            "unknown_field", "Send an example, a prompt or a text, not several.", given[1]
        )
    kind = given[0]
    if kind == "text":
        return None, fields["text"][0]
    try:
        source = find_source(kind, _one(fields, kind))
    except UnknownSource as error:
        raise Refused("unknown_source", str(error), kind, 404) from error
    if not source.is_runnable:
        raise Refused("not_runnable", source.why_not, kind)
    return source, source.template


def _filled(source: Source | None, template: str, values: dict[str, str]) -> str:
    if source is not None:
        template = variables.fill(template, _checked_values(source, values))
    elif values:
        name = next(iter(values))
        raise Refused("unknown_field", "A free text has no variables to fill.", f"v.{name[:60]}")
    if not template.strip():
        raise Refused("empty_prompt", "Write something to ask first.", "text")
    if len(template) > MAX_PROMPT:
        raise Refused(
            "prompt_too_long",
            f"The prompt has {len(template)} characters; {MAX_PROMPT} is the most. Shorten it.",
            "text" if source is None else "",
        )
    return template


def _checked_values(source: Source, values: dict[str, str]) -> dict[str, str]:
    known = {variable.name: variable for variable in source.variables}
    for name, value in values.items():
        if name not in known:
            raise Refused(
                "unknown_field", f"This prompt has no variable {name[:60]!r}.", f"v.{name[:60]}"
            )
        if len(value) > MAX_VALUE:
            raise Refused(
                "variable_too_long",
                f"{known[name].label} has {len(value)} characters; {MAX_VALUE} is the most.",
                f"v.{name}",
            )
    for name, variable in known.items():
        if problem := variable.problem_with(values.get(name, "")):
            raise Refused("missing_variable", problem, f"v.{name}")
    return {name: values.get(name, "") for name in known}


def _settings(fields: dict[str, list[str]], preset: dict[str, Any]) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        **DEFAULTS,
        **{k: v for k, v in preset.items() if k in SETTING_FIELDS},
    }
    for name in (*SETTING_FIELDS, *FINE_FIELDS):
        if raw := _one(fields, name):
            chosen[name] = _number(name, raw)
    chosen.setdefault("seed", random.SystemRandom().randrange(2**31))
    chosen["stop"] = _stops(fields.get("stop", []))
    return chosen


def _number(name: str, raw: str) -> float | int:
    kind, least, most, is_least_allowed, sentence = RANGES[name]
    if not NUMBER_RULE.fullmatch(raw) or not raw.isascii():
        raise Refused("bad_setting", sentence, name)
    try:
        value = kind(raw)
    except ValueError as error:
        raise Refused("bad_setting", sentence, name) from error
    if not least <= value <= most or (value == least and not is_least_allowed):
        raise Refused("bad_setting", sentence, name)
    return value  # type: ignore[no-any-return]


def _stops(given: list[str]) -> list[str]:
    stops = [stop for stop in given if stop]
    if len(stops) > 4 or any(len(stop) > 40 for stop in stops):
        raise Refused("bad_setting", "Up to 4 stop texts of up to 40 characters each.", "stop")
    return stops


def _model(model_id: str) -> ModelEntry:
    offered = catalogue()
    entry = offered.by_id.get(model_id or offered.default_id)
    if entry is None:
        names = ", ".join(offered.by_id)
        raise Refused("unknown_model", f"There is no such model here. On offer: {names}.", "model")
    return entry


def _key(key: str) -> str | None:
    if key and not KEY_RULE.fullmatch(key):
        raise Refused("bad_setting", "A key has up to 64 letters, digits, - and _.", "key")
    return key or None
