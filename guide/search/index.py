"""The search documents: what the search knows about each published page, kept in step with it."""

from collections.abc import Sequence
from html import unescape

from django.utils.html import strip_tags

from guide.models import Contrast, Definition, Prompt, SearchDocument, Status
from guide.search.folding import ALIAS_END, stored_words

DEFINITION, CONTRAST, PROMPT = "definition", "contrast", "prompt"


def index_definition(row: Definition) -> None:
    if row.status != Status.PUBLISHED:
        remove(DEFINITION, row.slug)
        return
    texts = [row.short, *map(_plain, (row.full_html, row.practice_html, row.mistakes_html))]
    texts += [_plain(row.etymology_html)]
    texts += [example.title for example in row.examples.all()]
    texts += [faq.question for faq in row.faqs.all()]
    _store(
        DEFINITION,
        row.slug,
        row.term,
        row.aliases,
        f"{row.get_level_display()} · {row.group.name}",
        "\n".join(texts),
    )


def index_contrast(row: Contrast) -> None:
    if row.status != Status.PUBLISHED:
        remove(CONTRAST, row.slug)
        return
    cells = [" ".join((line["aspect"], line["left"], line["right"])) for line in row.rows]
    texts = [row.short, _plain(row.difference_html), _plain(row.usage_html), *cells]
    texts += [example.title for example in row.examples.all()]
    texts += [faq.question for faq in row.faqs.all()]
    _store(CONTRAST, row.slug, row.title, row.aliases, "Two terms compared", "\n".join(texts))


def index_prompt(row: Prompt) -> None:
    if row.status != Status.PUBLISHED:
        remove(PROMPT, row.slug)
        return
    tags = [tag.name for tag in row.tags.all()]
    shelf = row.category
    path = f"{shelf.parent.name} · {shelf.name}" if shelf.parent else shelf.name
    _store(PROMPT, row.slug, row.title, tags, path, f"{row.description}\n{row.template}\n{path}")


def remove(kind: str, slug: str) -> None:
    SearchDocument.objects.filter(kind=kind, slug=slug).delete()


def index_all() -> None:
    """Rebuild every document: after a restore, or when what is indexed has changed."""
    SearchDocument.objects.all().delete()
    for definition in Definition.objects.published().with_parts():
        index_definition(definition)
    for contrast in Contrast.objects.published().with_parts():
        index_contrast(contrast)
    for prompt in Prompt.objects.published().with_shelf():
        index_prompt(prompt)


def _store(kind: str, slug: str, title: str, aliases: Sequence[str], meta: str, body: str) -> None:
    SearchDocument.objects.update_or_create(
        kind=kind,
        slug=slug,
        defaults={
            "title": title,
            "meta": meta,
            "body": body,
            "title_words": stored_words(title),
            "alias_words": ALIAS_END.join(map(stored_words, aliases)),
            "body_words": stored_words(body),
        },
    )


def _plain(html: str) -> str:
    return unescape(strip_tags(html)).strip()
