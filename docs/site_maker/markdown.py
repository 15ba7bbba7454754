"""Docstrings, which have the marks of reStructuredText, as Markdown.

``::`` and what is indented below it become a block of code; so do examples that begin with ``>>>``.
"""

from __future__ import annotations

import ast
import re
import textwrap

LITERAL = re.compile(r"^( *)(.*)::\n\n((?:\1 {4}.*\n|\n)+)", re.MULTILINE)
"""A line that ends in two colons, and the indented lines below it."""

EXAMPLE = re.compile(r"^( *)>>> .*\n(?:\1(?! *$).+\n)*", re.MULTILINE)
"""What is typed in Python, with what comes, up to an empty line."""


def as_markdown(text: str) -> str:
    """Return a docstring in Markdown."""

    def literal(found: re.Match[str]) -> str:
        indent, lead, body = found.groups()
        lead = f"{indent}{lead}:\n\n" if lead.strip() else ""
        return lead + fenced(kind_of(body), textwrap.dedent(body), indent)

    text = LITERAL.sub(literal, f"{text}\n")
    return EXAMPLE.sub(lambda found: fenced("pycon", textwrap.dedent(found[0]), found[1]), text)


def kind_of(body: str) -> str:
    """Return whether a block is Python or, as equations are, plain text."""
    try:
        ast.parse(textwrap.dedent(body))
    except SyntaxError:
        return "text"
    return "python"


def fenced(kind: str, body: str, indent: str) -> str:
    """Return a block of code."""
    return textwrap.indent(f"```{kind}\n{body.strip(chr(10))}\n```\n\n", indent)
