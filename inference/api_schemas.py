"""What the API takes and answers about runs, field by field."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field

from inference.forms import MAX_PROMPT, MAX_SEED, MAX_VALUE, Refused

State = Literal["queued", "running", "succeeded", "failed", "stopped"]
Text = Annotated[str, Field(max_length=MAX_VALUE)]
Stop = Annotated[str, Field(min_length=1, max_length=40)]
SETTINGS = ("temperature", "top_p", "top_k", "max_tokens", "seed", "model", "key")


class RunIn(Schema):
    """Exactly one of `prompt` (a slug), `example` (like "inference/1") and `text`."""

    model_config = ConfigDict(extra="forbid")

    prompt: str | None = Field(None, max_length=80)
    example: str | None = Field(None, max_length=90)
    text: str | None = Field(None, max_length=MAX_PROMPT)
    values: dict[str, Text] = Field(default_factory=dict, max_length=40)
    temperature: float | None = Field(None, ge=0, le=2, allow_inf_nan=False)
    top_p: float | None = Field(None, gt=0, le=1, allow_inf_nan=False)
    top_k: int | None = Field(None, ge=0, le=1000)
    max_tokens: int | None = Field(None, ge=1, le=512)
    seed: int | None = Field(None, ge=0, le=MAX_SEED)
    stop: list[Stop] = Field(default_factory=list, max_length=4)
    model: str | None = Field(None, max_length=80)
    key: str | None = Field(None, pattern=r"^[A-Za-z0-9_-]{1,64}$")

    def as_fields(self) -> dict[str, list[str]]:
        """The same question as the form of a page sends it."""
        fields = {f"v.{name}": [value] for name, value in self.values.items()}
        for name in ("prompt", "example", "text", *SETTINGS):
            if (value := getattr(self, name)) is not None:
                fields[name] = [str(value)]
        if self.stop:
            fields["stop"] = self.stop
        for name, given in fields.items():
            if "\0" in name or any("\0" in value for value in given):
                raise Refused("bad_encoding", "The text holds a NUL character. Remove it.")
        return fields


class RunState(Schema):
    state: State


class RunLinks(Schema):
    """Where the run is read, followed (an event stream) and stopped."""

    read: str
    events: str
    stop: str


class RunCreated(Schema):
    """`token` is null for a caller who sent one."""

    id: str
    state: State
    position: int
    seed: int
    token: str | None
    links: RunLinks


class ModelOut(Schema):
    id: str
    name: str
    revision: str
    dtype: str
    device: str


class RunOut(Schema):
    """`text` is the stored answer, byte for byte; `html` is the same, formatted."""

    id: str
    state: State
    position: int
    prompt: str
    text: str
    html: str
    tokens: list[Any]
    settings: dict[str, Any]
    model: ModelOut
    usage: dict[str, Any]
    timings: dict[str, Any]
    finish_reason: str
    error: dict[str, str] | None
    created_at: datetime
    is_owner: bool
    is_shared: bool
    replay_of: str | None
    replay_matches: bool | None
    source: dict[str, str] | None
    links: RunLinks
