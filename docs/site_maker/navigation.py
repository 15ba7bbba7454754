"""The navigation of the site: patterns in ``mkdocs.yml`` stand for the pages that exist."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any


def expanded(nav: list[Any], pages: list[str]) -> list[Any]:
    """Return the navigation with patterns replaced by pages; empty sections are left out.

    A pattern stands for the pages in its directory that it fits and that no other entry names. A
    page that is named and does not exist yet is left out, too.

    >>> expanded([{"A": ["b.md", "*.md"]}, {"C": ["d/*.md"]}], ["a.md", "b.md", "source/x.md"])
    [{'A': ['b.md', 'a.md']}]
    """
    named = set(leaves(nav))
    others = sorted(page for page in pages if page not in named)
    return [kept for entry in nav for kept in entries(entry, pages, others)]


def leaves(entry: Any) -> Iterator[str]:
    """Yield every page, pattern and address of a navigation."""
    if isinstance(entry, str):
        yield entry
    else:
        for inner in entry.values() if isinstance(entry, dict) else entry:
            yield from leaves(inner)


def entries(entry: Any, pages: list[str], others: list[str]) -> Iterator[Any]:
    """Yield what one entry becomes."""
    if isinstance(entry, dict):
        ((title, inner),) = entry.items()
        if isinstance(inner, list):
            kept = [each for one in inner for each in entries(one, pages, others)]
            if kept:
                yield {title: kept}
            return
        fitting = [*entries(inner, pages, others)]
        if "*" in inner:
            if fitting:
                yield {title: fitting}
        elif fitting:
            yield entry
    elif "*" in entry:
        yield from (p for p in others if fnmatchcase(p, entry) and p.count("/") == entry.count("/"))
    elif entry in pages or not entry.endswith(".md"):
        yield entry
