"""Chapters: text by hand, and between comments what is made: code of the package, and runs.

::

    <!-- code: rnnlm_cli/nn/cells/elman.py Elman.forward -->
    <!-- end -->

    <!-- run: 01-loop -->
    <!-- end -->

The first is filled with code from the source, the second with a run and what it prints; with
``run: NAME code`` or ``run: NAME output`` only with the one or the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from course_maker import runs
from course_maker.source import included

BLOCK = re.compile(r"<!-- (code|run): ([^\n]+) -->\n(.*?)<!-- end -->\n", re.DOTALL)


def filled(text: str) -> str:
    """Return a chapter with all that is made in it made anew.

    Raises:
        LookupError: It asks for code or for a run that is not there.
    """
    return BLOCK.sub(lambda m: f"<!-- {m[1]}: {m[2]} -->\n{made(m[1], m[2])}<!-- end -->\n", text)


def made(kind: str, asked: str) -> str:
    """Return what belongs between the comments."""
    if kind == "code":
        return fenced("python", included(asked))
    name, *part = asked.split()
    run = runs.load(name)
    shown = []
    if part != ["output"]:
        shown.append(fenced(run.kind, run.text))
    if part != ["code"] and run.output.exists() and (printed := run.output.read_text("utf-8")):
        shown.append(fenced("text", printed))
    return "\n".join(shown)


def fenced(kind: str, text: str) -> str:
    """Return a block of code."""
    return f"```{kind}\n{text.rstrip()}\n```\n"


def blocks(text: str) -> list[tuple[str, str, str]]:
    """Return kind, what is asked for, and content of all that is made in a chapter."""
    return BLOCK.findall(text)


def runs_of(text: str) -> list[str]:
    """Return the names of the runs of a chapter, in order."""
    return list(dict.fromkeys(asked.split()[0] for kind, asked, _ in blocks(text) if kind == "run"))


def by_hand(text: str) -> str:
    """Return a chapter without what is made in it."""
    return BLOCK.sub("", text)


def pictures_of(text: str) -> Sequence[str]:
    """Return the file names of a chapter's pictures."""
    return re.findall(r"!\[[^\]]*\]\((?:[./\w]*/)?pictures/([\w.-]+)\)", text)
