"""Plain functions that make valid rows for tests; say only what the test is about."""

from datetime import date
from itertools import count
from typing import Any

from guide.models import (
    FAQ,
    Category,
    Contrast,
    Definition,
    Example,
    Group,
    Prompt,
    Source,
    Status,
    Tag,
    Variable,
)

_number = count(1)


def make_group(slug: str = "inference-and-decoding", **values: Any) -> Group:
    defaults = {"name": slug.replace("-", " ").capitalize(), "order": 1} | values
    return Group.objects.get_or_create(slug=slug, defaults=defaults)[0]


def make_category(slug: str = "plain-language", parent: str = "writing-editing") -> Category:
    top, _ = Category.objects.get_or_create(
        slug=parent, defaults={"name": parent.replace("-", " ").capitalize(), "order": 1}
    )
    name = slug.replace("-", " ").capitalize()
    return Category.objects.get_or_create(
        slug=slug, defaults={"name": name, "parent": top, "order": 1}
    )[0]


def make_definition(slug: str = "", **values: Any) -> Definition:
    """A published definition; its parts come from make_example, make_faq and make_source."""
    slug = slug or f"term-{next(_number)}"
    defaults: dict[str, Any] = {
        "term": slug.replace("-", " ").capitalize(),
        "group": values.pop("group", None) or make_group(),
        "short": f"The short definition of {slug}.",
        "full": "A first paragraph.\n\nA second paragraph with *emphasis*.",
        "etymology": "From Latin.",
        "practice": "Use it with care.",
        "reviewed": date(2026, 11, 23),
        "status": Status.PUBLISHED,
    }
    return Definition.objects.create(slug=slug, **(defaults | values))


def make_contrast(slug: str = "", **values: Any) -> Contrast:
    """A published contrast with a row in its table; its sides are new terms unless given."""
    slug = slug or f"left-{next(_number)}-vs-right"
    left_slug, _, right_slug = slug.partition("-vs-")
    left = values.pop("left", None) or make_definition(left_slug)
    right = values.pop("right", None) or make_definition(right_slug)
    defaults: dict[str, Any] = {
        "title": f"{left.term} vs {right.term.lower()}",
        "left_name": left.term,
        "left": left,
        "right_name": right.term,
        "right": right,
        "short": f"How {left.term} differs from {right.term}.",
        "rows": [{"aspect": "When", "left": "before", "right": "after"}],
        "difference": "One comes first.",
        "usage": "Use both.",
        "reviewed": date(2026, 11, 23),
        "status": Status.PUBLISHED,
    }
    return Contrast.objects.create(slug=slug, **(defaults | values))


def make_example(page: Definition | Contrast | None = None, **values: Any) -> Example:
    """An example; each [name] of `prompt` gets a variable unless `variables` says otherwise."""
    page = page or make_definition()
    variables = values.pop("variables", None)
    defaults: dict[str, Any] = {
        "number": page.examples.count() + 1,
        "title": "An everyday example",
        "prompt": "Explain [topic] in one sentence.",
        "why": "Watch the words arrive.",
        "answer": "A short answer.",
    }
    example = page.examples.create(**(defaults | values))
    for settings in _variables(example.prompt, variables):
        make_variable(of_example=example, **settings)
    return example


def make_prompt(slug: str = "", **values: Any) -> Prompt:
    """A published prompt; each [name] of `template` gets a variable unless told otherwise."""
    slug = slug or f"prompt-{next(_number)}"
    variables, tags = values.pop("variables", None), values.pop("tags", [])
    techniques = values.pop("techniques", [])
    defaults: dict[str, Any] = {
        "title": slug.replace("-", " ").capitalize(),
        "description": f"What comes out of {slug}.",
        "template": f"Write about [topic] for the job {slug}.",
        "example_answer": "An example answer.",
        "category": values.pop("category", None) or make_category(),
        "status": Status.PUBLISHED,
    }
    prompt = Prompt.objects.create(slug=slug, **(defaults | values))
    for settings in _variables(prompt.template, variables):
        make_variable(of_prompt=prompt, **settings)
    prompt.tags.set(make_tag(name) for name in tags)
    prompt.techniques.set(techniques)
    return prompt


def make_variable(**values: Any) -> Variable:
    name = values.get("name", "topic")
    defaults: dict[str, Any] = {"label": name.capitalize(), "default": f"default {name}"}
    return Variable.objects.create(**({"name": name} | defaults | values))


def make_tag(name: str = "letters") -> Tag:
    return Tag.objects.get_or_create(slug=name.replace(" ", "-"), defaults={"name": name})[0]


def make_faq(page: Definition | Contrast, **values: Any) -> FAQ:
    defaults: dict[str, Any] = {
        "number": page.faqs.count() + 1,
        "question": "Why is it so?",
        "answer": "Because it is.",
    }
    return page.faqs.create(**(defaults | values))


def make_source(page: Definition | Contrast, **values: Any) -> Source:
    defaults: dict[str, Any] = {
        "number": page.sources.count() + 1,
        "title": "Attention Is All You Need",
        "author": "Vaswani et al.",
        "year": 2017,
        "url": "https://arxiv.org/abs/1706.03762",
    }
    return page.sources.create(**(defaults | values))


def _variables(template: str, given: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    from guide.variables import find

    if given is not None:
        return given
    return [{"name": name, "number": n} for n, name in enumerate(find(template), 1)]
