"""Whenever curated content changes, its search document and the content stamp follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from guide import search
from guide.models import (
    FAQ,
    Category,
    ContentStamp,
    Contrast,
    Definition,
    Example,
    Group,
    Prompt,
    Source,
    Tag,
    Variable,
)

_is_paused: ContextVar[bool] = ContextVar("is_paused", default=False)


def connect() -> None:
    """Called once, when the application is ready."""
    shelves = (Category, Group, Tag)
    for model in (Definition, Contrast, Example, FAQ, Source, Variable, Prompt, *shelves):
        post_save.connect(_follow_save, sender=model)
        post_delete.connect(_follow_delete, sender=model)
    m2m_changed.connect(_follow_links)


@contextmanager
def paused() -> Iterator[None]:
    """For a load, which indexes each row once when it is whole and renews the stamp at the end."""
    token = _is_paused.set(True)
    try:
        yield
    finally:
        _is_paused.reset(token)


def _follow_save(sender: type[Model], instance: Model, **_: Any) -> None:
    if not _is_paused.get():
        _index_owner(instance)
        ContentStamp.renew()


def _follow_delete(sender: type[Model], instance: Model, **_: Any) -> None:
    if isinstance(instance, Definition | Contrast | Prompt):
        search.remove(sender.__name__.lower(), instance.slug)
    elif not _is_paused.get() and isinstance(instance, Example | FAQ):
        _index_page(instance)
    if not _is_paused.get():
        ContentStamp.renew()


def _follow_links(sender: type[Model], instance: Model, action: str, **_: Any) -> None:
    if not _is_paused.get() and action.startswith("post_"):
        if isinstance(instance, Definition | Prompt):
            _index_owner(instance)
        ContentStamp.renew()


def _index_owner(instance: Model) -> None:
    if isinstance(instance, Definition):
        search.index_definition(instance)
    elif isinstance(instance, Contrast):
        search.index_contrast(instance)
    elif isinstance(instance, Prompt):
        search.index_prompt(instance)
    elif isinstance(instance, Example | FAQ):
        _index_page(instance)


def _index_page(part: Example | FAQ) -> None:
    """The page that the part stands on, unless it was just deleted with it."""
    if part.definition_id:
        for definition in Definition.objects.filter(pk=part.definition_id):
            search.index_definition(definition)
    if part.contrast_id:
        for contrast in Contrast.objects.filter(pk=part.contrast_id):
            search.index_contrast(contrast)
