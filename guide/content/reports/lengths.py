"""Reports on lengths that are a matter of taste: a whole page, its etymology, its mistakes."""

from collections.abc import Iterator

from guide.content.building import Problem
from guide.content.reading import Library
from guide.content.reports.prose import all_texts
from guide.content.words import word_count

WHOLE = (600, 1000)
CONTRAST = (350, 800)
SECTIONS = {"etymology": (40, 120), "mistakes": (20, 100)}
WHY = (12, 80)


def length_reports(library: Library) -> Iterator[str]:
    for placed in library.pages:
        texts = list(all_texts(placed.record))
        bounds = WHOLE if hasattr(placed.record, "term") else CONTRAST
        if sentence := _outside("The page", sum(word_count(text) for _, text in texts), bounds):
            yield placed.at(Problem(("slug",), sentence))
        for path, text in texts:
            bounds = WHY if path[-1] == "why" else SECTIONS.get(str(path[0]), (0, 10_000))
            if sentence := _outside(f"The {path[-1]}", word_count(text), bounds):
                yield placed.at(Problem(path, sentence))


def _outside(name: str, count: int, bounds: tuple[int, int]) -> str:
    least, most = bounds
    if least <= count <= most:
        return ""
    return f"{name} has {count} words; {least} to {most} read best."
