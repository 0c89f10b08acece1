"""A finding is what is wrong or worth a look, told as file:line: sentence."""

from collections.abc import Iterable


def in_order(findings: Iterable[str]) -> list[str]:
    """Each finding once, in the order of files and lines."""
    return sorted(set(findings), key=_place)


def _place(finding: str) -> tuple[str, int, str]:
    file, line, sentence = finding.split(":", 2)
    return file, int(line), sentence
