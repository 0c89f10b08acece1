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
        self.prompts = [prompt("rain-letter"), prompt("snow-poem"), prompt("wind-table")]

    def write(self) -> None:
        shelves = [{"slug": "foundations", "name": "Foundations"}]
        sub = {"slug": "plain-language", "name": "Plain language", "target": 15}
        categories = [{"slug": "writing", "name": "Writing", "subcategories": [sub]}]
        self._put("groups.yaml", yaml.safe_dump(shelves))
        self._put("categories.yaml", yaml.safe_dump(categories))
        for old in self.path.glob("definitions/*.md"):
            old.unlink()
        for name, values in self.definitions.items():
            body = "".join(f"\n## {h}\n\n{text}\n" for h, text in self.sections[name].items())
            front = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
            self._put(f"definitions/{name}.md", f"---\n{front}---\n{body}")
        listing = yaml.safe_dump(self.prompts, sort_keys=False, allow_unicode=True)
        self._put("prompts/writing/plain-language.yaml", listing)

    def read(self) -> Library:
        self.write()
        return read_library(self.path)

    def errors(self) -> list[str]:
        return check(self.read())

    def _put(self, name: str, text: str) -> None:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
