"""The search documents: what the search knows about each published page, kept in step with it."""

from collections.abc import Callable, Sequence
from html import unescape
from itertools import chain
from typing import TypeVar

from django.utils.html import strip_tags

from guide.models import Contrast, Definition, Prompt, SearchDocument, Status
from guide.search.folding import ALIAS_END, stored_words

DEFINITION, CONTRAST, PROMPT = "definition", "contrast", "prompt"
TEXTS = ("title", "meta", "body", "title_words", "alias_words", "body_words")
R = TypeVar("R", Definition, Contrast, Prompt)


def index_definition(row: Definition) -> None:
    _keep(DEFINITION, row, _definition_document)


def index_contrast(row: Contrast) -> None:
    _keep(CONTRAST, row, _contrast_document)


def index_prompt(row: Prompt) -> None:
    _keep(PROMPT, row, _prompt_document)


def _keep(kind: str, row: R, document_of: Callable[[R], SearchDocument]) -> None:
    """Only what is published is found."""
    if row.status != Status.PUBLISHED:
        remove(kind, row.slug)
        return
    document = document_of(row)
    texts = {name: getattr(document, name) for name in TEXTS}
    SearchDocument.objects.update_or_create(kind=kind, slug=row.slug, defaults=texts)


def _definition_document(row: Definition) -> SearchDocument:
    texts = [row.short, *map(_plain, (row.full_html, row.practice_html, row.mistakes_html))]
    texts += [_plain(row.etymology_html), *_parts(row)]
    meta = f"{row.get_level_display()} · {row.group.name}"
    return _document(DEFINITION, row.slug, row.term, row.aliases, meta, "\n".join(texts))


def _contrast_document(row: Contrast) -> SearchDocument:
    cells = [" ".join((line["aspect"], line["left"], line["right"])) for line in row.rows]
    texts = [row.short, _plain(row.difference_html), _plain(row.usage_html), *cells]
    texts += _parts(row)
    body = "\n".join(texts)
    return _document(CONTRAST, row.slug, row.title, row.aliases, "Two terms compared", body)


def _parts(row: Definition | Contrast) -> list[str]:
    """What the examples and the questions of a page are called."""
    titles = [example.title for example in row.examples.all()]
    return titles + [faq.question for faq in row.faqs.all()]


def _prompt_document(row: Prompt) -> SearchDocument:
    tags = [tag.name for tag in row.tags.all()]
    shelf = row.category
    path = f"{shelf.parent.name} · {shelf.name}" if shelf.parent else shelf.name
    body = f"{row.description}\n{row.template}\n{path}"
    return _document(PROMPT, row.slug, row.title, tags, path, body)


def remove(kind: str, slug: str) -> None:
    SearchDocument.objects.filter(kind=kind, slug=slug).delete()


def index_all() -> None:
    """Rebuild every document: after a restore, or when what is indexed has changed."""
    SearchDocument.objects.all().delete()
    documents = chain(
        map(_definition_document, Definition.objects.published().with_parts()),
        map(_contrast_document, Contrast.objects.published().with_parts()),
        map(_prompt_document, Prompt.objects.published().with_shelf()),
    )
    SearchDocument.objects.bulk_create(documents, batch_size=500)


def _document(
    kind: str, slug: str, title: str, aliases: Sequence[str], meta: str, body: str
) -> SearchDocument:
    return SearchDocument(
        kind=kind,
        slug=slug,
        title=title,
        meta=meta,
        body=body,
        title_words=stored_words(title),
        alias_words=ALIAS_END.join(map(stored_words, aliases)),
        body_words=stored_words(body),
    )


def _plain(html: str) -> str:
    return unescape(strip_tags(html)).strip()
