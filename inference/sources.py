"""Where a question comes from: an example of the glossary or a prompt of the library."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from guide.models import Contrast, Definition, Example, Prompt, Variable


class UnknownSource(Exception):
    """Nothing published stands at this reference."""


@dataclass(frozen=True, slots=True)
class Source:
    kind: str
    ref: str
    title: str
    url: str
    template: str
    variables: tuple[Variable, ...]
    settings: dict[str, Any]
    is_runnable: bool
    why_not: str


def _of_example(ref: str) -> Source:
    slug, _, number = ref.partition("/")
    if not number.isascii() or not number.isdigit() or len(number) > 3:
        raise UnknownSource("An example is named like inference/1.")
    of_term = Q(definition__in=Definition.objects.published(), definition__slug=slug)
    of_contrast = Q(contrast__in=Contrast.objects.published(), contrast__slug=slug)
    examples = Example.objects.select_related("definition", "contrast")
    example = examples.filter(of_term | of_contrast, number=int(number)).first()
    if example is None:
        raise UnknownSource("This example does not exist, or not any more.")
    return Source(
        kind="example",
        ref=example.ref,
        title=f"{example.owner}: {example.title}",
        url=f"{example.owner.get_absolute_url()}#examples",
        template=example.prompt,
        variables=tuple(example.variables.all()),
        settings=dict(example.settings),
        is_runnable=example.is_runnable,
        why_not="This example needs a model that sees images, which this server does not have.",
    )


def _of_prompt(slug: str) -> Source:
    prompt = Prompt.objects.published().filter(slug=slug).first()
    if prompt is None:
        raise UnknownSource("This prompt does not exist, or not any more.")
    return Source(
        kind="prompt",
        ref=prompt.slug,
        title=prompt.title,
        url=prompt.get_absolute_url(),
        template=prompt.template,
        variables=tuple(prompt.variables.all()),
        settings=dict(prompt.settings),
        is_runnable=prompt.is_runnable,
        why_not="This prompt is made for an image, video or music tool. Copy it there.",
    )


def find_source(kind: str, ref: str) -> Source:
    """The published example ("inference/1") or prompt (its slug); UnknownSource in words."""
    return _of_example(ref) if kind == "example" else _of_prompt(ref)
