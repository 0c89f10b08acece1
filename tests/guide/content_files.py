"""A small content folder that keeps every rule, to be broken one rule at a time."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from guide.content.checking import check
from guide.content.reading import Library, read_library

Values = dict[str, Any]
TERMS = ("token", "training", "sampling", "model")


def words(count: int, seed: str) -> str:
    return " ".join(f"{seed}{number}" for number in range(count))


def definition(slug: str) -> Values:
    """The front matter of a good definition; the first of TERMS is the root."""
    others = [term for term in TERMS if term != slug]
    example = {
        "title": "An example",
        "prompt": "Explain [topic] briefly.",
        "variables": [{"name": "topic", "label": "Topic", "default": "rain"}],
        "why": "Watch it.",
        "answer": "Rain falls.",
    }
    return {
        "term": slug.capitalize(),
        "slug": slug,
        "aliases": [f"{slug} thing"],
        "group": "foundations",
        "level": "basic",
        "short": f"A {slug} is a thing that stands alone.",
        "related": others,
        "broader": [] if slug == TERMS[0] else [TERMS[0]],
        "confused_with": [],
        "reviewed": "2026-11-23",
        "examples": [example, deepcopy(example) | {"title": "Another example"}],
        "faq": [{"q": f"Why {n}?", "a": words(40, slug)} for n in range(3)],
        "sources": [
            {"title": "A paper", "author": "Somebody", "year": 2017, "url": "https://example.org/a"}
        ],
    }


def contrast(left: str, right: str) -> Values:
    example: Values = deepcopy(definition(left)["examples"][0])
    return {
        "slug": f"{left}-vs-{right}",
        "title": f"{left.capitalize()} vs {right}",
        "left": {"name": left.capitalize(), "slug": left},
        "right": {"name": right.capitalize(), "slug": right},
        "aliases": [f"{left} thing vs {right}"],
        "short": f"A {left} is one thing and a {right} another.",
        "rows": [{"aspect": f"Side {n}", "left": f"l{n}", "right": f"r{n}"} for n in range(5)],
        "examples": [
            deepcopy(example) | {"side": side, "title": side} for side in ("left", "right")
        ],
        "faq": [{"q": f"Which {n}?", "a": words(40, left)} for n in range(2)],
        "sources": definition(left)["sources"],
        "reviewed": "2026-11-23",
    }


def contrast_sections(slug: str) -> dict[str, str]:
    return {
        "The difference": "\n\n".join(words(100, f"{slug}{n}d") for n in range(2)),
        "When to use which": words(100, f"{slug}u"),
    }


def group() -> Values:
    return {
        "slug": "foundations",
        "name": "Foundations",
        "position": 1,
        "order": ["model", "token", "training", "sampling"],
    }


def sections(slug: str) -> dict[str, str]:
    return {
        "Full definition": "\n\n".join(words(100, f"{slug}{n}x") for n in range(3)),
        "Etymology": "From Latin.",
        "In practice": words(120, f"{slug}p"),
    }


def prompt(slug: str) -> Values:
    return {
        "slug": slug,
        "title": slug.replace("-", " ").capitalize(),
        "description": f"A text about {slug}.",
        "template": f"{slug} {words(45, slug)} about [topic].",
        "variables": [{"name": "topic", "label": "Topic", "default": "rain"}],
        "example_answer": words(70, f"{slug}answer"),
        "tier": "S",
        "technique": ["token"],
        "audience": "everyone",
        "language": "en",
        "risk": "none",
        "difficulty": "basic",
        "tags": ["plain language", "letters"],
    }


class Folder:
    """The folder as values; write() puts it on disk, errors() writes and checks it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.definitions = {slug: definition(slug) for slug in TERMS}
        self.sections = {slug: sections(slug) for slug in TERMS}
        self.contrasts: dict[str, Values] = {}
        self.contrast_sections: dict[str, dict[str, str]] = {}
        self.group, self.introduction = group(), words(100, "introduction")
        self.shelf_texts: dict[str, str] = {}
        self.prompts = [prompt("rain-letter"), prompt("snow-poem"), prompt("wind-table")]

    def add_contrast(self, left: str, right: str) -> Values:
        slug = f"{left}-vs-{right}"
        self.contrasts[slug] = contrast(left, right)
        self.contrast_sections[slug] = contrast_sections(slug)
        return self.contrasts[slug]

    def write(self) -> None:
        sub = {"slug": "plain-language", "name": "Plain language", "target": 15}
        categories = [{"slug": "writing", "name": "Writing", "subcategories": [sub]}]
        front = yaml.safe_dump(self.group, sort_keys=False)
        self._put("groups/foundations.md", f"---\n{front}---\n{self.introduction}\n")
        self._put("categories.yaml", yaml.safe_dump(categories))
        self._put_pages("definitions", self.definitions, self.sections)
        self._put_pages("contrasts", self.contrasts, self.contrast_sections)
        for name, text in self.shelf_texts.items():
            self._put(f"categories/{name}.md", text)
        listing = yaml.safe_dump(self.prompts, sort_keys=False, allow_unicode=True)
        self._put("prompts/writing/plain-language.yaml", listing)

    def _put_pages(
        self, folder: str, pages: dict[str, Values], sections: dict[str, dict[str, str]]
    ) -> None:
        for old in self.path.glob(f"{folder}/*.md"):
            old.unlink()
        for name, values in pages.items():
            body = "".join(f"\n## {h}\n\n{text}\n" for h, text in sections[name].items())
            front = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
            self._put(f"{folder}/{name}.md", f"---\n{front}---\n{body}")

    def read(self) -> Library:
        self.write()
        return read_library(self.path)

    def errors(self) -> list[str]:
        return check(self.read())

    def _put(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
