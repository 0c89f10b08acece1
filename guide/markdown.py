"""Markdown becomes safe HTML: markdown-it renders it, nh3 sanitises it, always both."""

from collections.abc import MutableMapping, Sequence
from functools import cache
from html import escape
from typing import Any
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

Env = MutableMapping[str, Any]

# Beyond these a text is shown as it is: rendering must never take longer than reading it would.
MAX_CHARACTERS = 40_000
MAX_MARKS = 4_000
MAX_LINES = 2_500
_MARKS = "*_`~[]<>|!\\"
_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "a", "div"),
}
_ATTRIBUTES = {"a": {"href", "rel", "title"}, "ol": {"start"}, "div": {"class"}, "pre": {"class"}}


def render(text: str, first_heading: int = 3) -> SafeString:
    """Curated text: CommonMark with tables and links, headings from <h3> down, no raw HTML."""
    return _safe(text, _parser(with_links=True), first_heading)


def render_answer(text: str, first_heading: int = 4) -> SafeString:
    """Text that a model wrote: the same without links and images, so nothing leaves the page."""
    return _safe(text, _parser(with_links=False), first_heading)


def _safe(text: str, parser: MarkdownIt, first_heading: int) -> SafeString:
    if not _is_renderable(text):
        return mark_safe(f'<div class="plain-text">{escape(text)}</div>')  # noqa: S308  escaped
    html = parser.render(text, {"first_heading": first_heading})
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    )
    return mark_safe(cleaned)  # noqa: S308  nh3 has just sanitised it


def _is_renderable(text: str) -> bool:
    return (
        len(text) <= MAX_CHARACTERS
        and text.count("\n") <= MAX_LINES
        and sum(map(text.count, _MARKS)) <= MAX_MARKS
    )


@cache
def _parser(*, with_links: bool) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20})
    parser.enable(["table", "strikethrough"])
    parser.disable(["image", "html_block", "html_inline", "lheading"])
    if not with_links:
        parser.disable(["link", "autolink", "reference"])
    parser.add_render_rule("heading_open", _shift_heading)
    parser.add_render_rule("heading_close", _shift_heading)
    parser.add_render_rule("link_open", _mark_outside_link)
    return parser


def _shift_heading(
    self: RendererHTML,
    tokens: Sequence[Token],
    idx: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    """An author's "#" stands under the page's own headings."""
    token = tokens[idx]
    level = min(6, int(token.tag[1:]) - 1 + int(env["first_heading"]))
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"


def _mark_outside_link(
    self: RendererHTML,
    tokens: Sequence[Token],
    idx: int,
    options: Any,
    env: MutableMapping[str, Any],
) -> str:
    token = tokens[idx]
    if urlsplit(str(token.attrGet("href") or "")).netloc:
        token.attrSet("rel", "nofollow noopener")
    return self.renderToken(tokens, idx, options, env)
