"""Reports on the shelves of the prompt library that nobody has introduced yet."""

from collections.abc import Iterator

from guide.content.reading import Library


def introduction_reports(library: Library) -> Iterator[str]:
    """The shelves that have prompts but no text of their own."""
    written = {placed.record.slug for placed in library.shelf_texts}
    filled = {placed.record.category for placed in library.prompts}
    for shelf in library.categories:
        children = {other.slug for other in library.categories if other.parent == shelf.slug}
        if shelf.slug not in written and filled & (children | {shelf.slug}):
            place = f"{shelf.parent}/{shelf.slug}.md" if shelf.parent else f"{shelf.slug}/index.md"
            yield f"categories/{place}:1: The shelf {shelf.name} has no introduction yet."
