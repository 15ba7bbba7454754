"""A corpus that every machine with Python has: the documentation of the running Python.

It consists of the topics of the language reference (``pydoc_data``) and the docstrings of the
standard library, read from the sources; nothing is imported or run.
"""

from __future__ import annotations

import ast
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from rnnlm_cli.corpora.prose import sentences
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.errors import RnnlmError

LEFT_OUT = {"test", "tests", "idlelib", "lib2to3", "site-packages", "dist-packages", "__pycache__"}
"""Directories without documentation of their own, and those that are not part of Python."""

VALID_AND_TEST = 20
"""Of every 20 documents, one is for validation and one for test."""


def python_docs(library: Path | None = None) -> Split:
    """Collect the documentation of a Python, split by whole documents.

    A sentence that already occurs in an earlier document is omitted, so that no sentence of the
    test text occurs in the training text.

    Args:
        library: The directory of the standard library; by default of the running Python.

    Raises:
        RnnlmError: There are no sources, or they contain no prose.
    """
    library = library or Path(sysconfig.get_path("stdlib"))
    split, seen = Split([], [], []), set[str]()
    for number, document in enumerate(documents(library)):
        fresh = [line for line in dict.fromkeys(sentences(document)) if line not in seen]
        seen.update(fresh)
        place = {VALID_AND_TEST - 2: split.valid, VALID_AND_TEST - 1: split.test}
        place.get(number % VALID_AND_TEST, split.train).extend(fresh)
    if not all(split):
        raise RnnlmError(
            f"{library}: holds no documentation; install Python with its standard library's sources"
        )
    return split


def documents(library: Path) -> Iterator[str]:
    """Yield every topic, then the docstrings of every module, in a fixed order."""
    yield from topics(library / "pydoc_data" / "topics.py")
    for path in sorted(library.rglob("*.py")):
        if LEFT_OUT.isdisjoint(path.relative_to(library).parts[:-1]):
            yield "\n\n".join(docstrings(path))


def topics(path: Path) -> Iterator[str]:
    """Yield the values of the dictionary of topics."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Dict):
            for value in node.values:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def docstrings(path: Path) -> Iterator[str]:
    """Yield the docstrings of a module, its classes and its functions."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield text


def parse(path: Path) -> ast.AST:
    """Parse a source file; a missing or invalid one counts as empty."""
    try:
        return ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
