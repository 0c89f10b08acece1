"""The vocabulary of schema.org, read from the sources of msgspec-schemaorg without importing it.

That package is generated from the vocabulary that schema.org publishes: a class for each type, its
parents as bases, a field for each property, and what a property may hold as the field's annotation.
"""

import ast
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

LITERALS = {"str": str, "bool": bool, "int": int, "float": (int, float)}
WRITTEN_AS_TEXT = {"str", "URL", "date", "datetime", "time"}


@dataclass
class Vocabulary:
    parents: dict[str, list[str]] = field(default_factory=dict)
    own: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def lineage(self, name: str) -> set[str]:
        """The type and everything that it is a kind of."""
        above = (self.lineage(parent) for parent in self.parents.get(name, ()))
        return {name}.union(*above)

    def holds(self, types: list[str], key: str) -> set[str] | None:
        """What the property may hold on a node of these types; None if it has no such property."""
        found: set[str] = set()
        for name in set().union(*map(self.lineage, types)):
            found |= self.own.get(name, {}).get(key, set())
        return found or None

    def problems(self, node: Any, where: str = "") -> list[str]:
        """Each type, property and value below a node that schema.org does not know."""
        if isinstance(node, list):
            return [problem for item in node for problem in self.problems(item, where)]
        if not isinstance(node, dict) or set(node) <= {"@id"}:
            return []
        given = node.get("@type", [])
        types = [given] if isinstance(given, str) else given
        if not types:
            return [f"{where}: a node without a type"]
        unknown = [f"{where}: no type {name}" for name in types if name not in self.parents]
        if unknown:
            return unknown
        found: list[str] = []
        for key, value in node.items():
            if not key.startswith("@"):
                found += self._value_problems(types, key, value, f"{where}/{types[0]}.{key}")
        return found

    def _value_problems(self, types: list[str], key: str, value: Any, where: str) -> list[str]:
        # schema.org/docs/actions.html: any property may be annotated for input with "-input".
        is_input = key.endswith("-input")
        allowed = self.holds(types, key.removesuffix("-input"))
        if allowed is None:
            return [f"{where}: no such property"]
        found = self.problems(value, where)
        for item in value if isinstance(value, list) else [value]:
            if not is_input and not self._fits(item, allowed):
                found.append(f"{where}: {item!r:.60} is none of {sorted(allowed)}")
        return found

    def _fits(self, value: Any, allowed: set[str]) -> bool:
        if isinstance(value, dict):
            given = value.get("@type")
            if given is None:
                return bool(allowed - WRITTEN_AS_TEXT - LITERALS.keys())
            types = [given] if isinstance(given, str) else given
            return any(self.lineage(name) & allowed for name in types)
        if isinstance(value, bool):
            return "bool" in allowed
        if isinstance(value, str):
            return bool(allowed & WRITTEN_AS_TEXT)
        return isinstance(value, int | float) and bool(allowed & {"int", "float"})


@cache
def schema_org() -> Vocabulary:
    spec = find_spec("msgspec_schemaorg")
    assert spec, "The vocabulary is missing: pip install -r requirements-dev.txt"
    assert spec.submodule_search_locations
    vocabulary = Vocabulary()
    for path in (Path(spec.submodule_search_locations[0]) / "models").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                _read(node, vocabulary)
    return vocabulary


def _read(node: ast.ClassDef, vocabulary: Vocabulary) -> None:
    vocabulary.parents[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
    vocabulary.own[node.name] = {
        line.target.id: _names(line.annotation)
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)
    }


def _names(annotation: ast.expr) -> set[str]:
    """The types in Union[List[Union['URL', str]], ...]."""
    nodes = list(ast.walk(annotation))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    quoted = {node.value for node in nodes if isinstance(node, ast.Constant)}
    return {str(name) for name in names | quoted} - {"Union", "List", "Optional", "None"}
