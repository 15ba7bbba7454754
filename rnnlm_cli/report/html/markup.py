"""HTML as strings; whatever is not markup is escaped here, and nowhere else."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from rnnlm_cli.errors import printable, shortened

VOID = frozenset(["br", "col", "hr", "meta"])
"""Elements without content or an end tag."""

BLANKS = "\n\t"
"""Control characters that a page may hold."""


class Markup(str):
    """A string that is HTML already."""

    __slots__ = ()


Content = str | Iterable[str]
"""Text, which is escaped; ``Markup``, which is not; or several of both."""


def tag(name: str, /, *content: Content, **attributes: Any) -> Markup:
    """Return an element.

    Args:
        name: Its name.
        content: What is in it; a plain string is escaped.
        attributes: By name; ``_`` at the end is dropped (``class_``), another one is a hyphen.
            ``None`` omits the attribute, ``True`` gives it no value.

    >>> tag("p", "a < b", tag("b", "!"), class_="x", title='"')
    '<p class="x" title="&quot;">a &lt; b<b>!</b></p>'
    """
    shown = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(value)}"')
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID:
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{joined(*content)}</{name}>")


def joined(*content: Content) -> Markup:
    """Return several pieces of content one after another."""
    parts: list[str] = []
    for one in content:
        if isinstance(one, str):
            parts.append(escaped(one))
        else:
            parts += map(escaped, one)
    return Markup("".join(parts))


def escaped(value: Any) -> Markup:
    """Return a value as HTML; a control character is shown as Python writes it."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(printable(str(value), BLANKS)))


def table(
    header: Sequence[Content], rows: Iterable[Sequence[Content]], left: int = 1, caption: str = ""
) -> Markup:
    """Return a table that scrolls sideways where it has no room.

    Args:
        header: The cells of the first row.
        rows: The cells of the others.
        left: How many columns, from the first, are text; the others are numbers.
        caption: Above it.
    """

    def row(cells: Sequence[Content], element: str) -> Markup:
        shown = (
            tag(element, cell, class_=None if k < left else "number")
            for k, cell in enumerate(cells)
        )
        return tag("tr", shown)

    parts = [tag("caption", caption)] if caption else []
    parts.append(tag("thead", row(header, "th")))
    parts.append(tag("tbody", (row(cells, "td") for cells in rows)))
    return tag("div", tag("table", parts), class_="scroll")


def word(token: str) -> Markup:
    """Return a token, shortened: its direction of writing changes nothing around it."""
    return tag("bdi", shortened(token), class_="token")
