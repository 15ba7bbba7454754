"""Code of the package by its name, so that a page cannot show what is no longer so."""

from __future__ import annotations

import ast
import shlex
import textwrap
from collections.abc import Iterator

from course_maker.places import ROOT

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def included(asked: str) -> str:
    """Return code without its docstrings, below a comment that says where it is.

    Args:
        asked: A file and one or more qualified names in it, such as ``rnnlm_cli/nn/cells/elman.py
            Elman.forward Elman.backward``. ``from TEXT to TEXT`` at the end cuts what is between
            the first line with the one text and the next with the other, both included.

    Raises:
        LookupError: There is no such file, name or text.
    """
    path, *names = shlex.split(asked)
    begin = end = None
    if "from" in names:
        at = names.index("from")
        begin, _, end = names[at + 1 :]
        names = names[:at]
    if not (ROOT / path).is_file():
        raise LookupError(f"there is no file {path}")
    text = (ROOT / path).read_text(encoding="utf-8")
    parts = [part_named(text, name, path) for name in names]
    if begin is not None and end is not None:
        parts = [cut(part, begin, end, path) for part in parts]
    return f"# {path}: {', '.join(names)}\n" + "\n".join(parts)


def part_named(text: str, name: str, path: str) -> str:
    """Return the lines of a class, function, method or constant, dedented, without docstrings."""
    node = named(ast.parse(text), name)
    if node is None:
        raise LookupError(f"{path} has no {name}")
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    assert node.end_lineno is not None
    dropped = {line for span in docstrings(node) for line in span}
    lines = text.splitlines()
    kept = [lines[k - 1] for k in range(first, node.end_lineno + 1) if k not in dropped]
    return textwrap.dedent("\n".join(kept)) + "\n"


def named(tree: ast.AST, name: str) -> ast.stmt | None:
    """Find the statement that defines a qualified name."""
    head, _, rest = name.partition(".")
    for node in getattr(tree, "body", []):
        if isinstance(node, Named) and node.name == head:
            return named(node, rest) if rest else node
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not rest and any(isinstance(each, ast.Name) and each.id == head for each in targets):
            return node
    return None


def docstrings(node: ast.AST) -> Iterator[range]:
    """Yield the lines of each docstring in a definition, with the empty line after it."""
    for inner in ast.walk(node):
        if not isinstance(inner, Named) or ast.get_docstring(inner) is None:
            continue
        said = inner.body[0]
        assert said.end_lineno is not None
        follows = inner.body[1].lineno if len(inner.body) > 1 else said.end_lineno + 1
        yield range(said.lineno, min(said.end_lineno + 2, follows))


def cut(part: str, begin: str, end: str, path: str) -> str:
    """Return the lines from one that has ``begin`` to the next that has ``end``, dedented."""
    lines = part.splitlines()
    first = next((k for k, line in enumerate(lines) if begin in line), None)
    if first is None:
        raise LookupError(f"{path}: no line with {begin!r}")
    last = next((k for k in range(first, len(lines)) if end in lines[k]), None)
    if last is None:
        raise LookupError(f"{path}: no line with {end!r} after one with {begin!r}")
    return textwrap.dedent("\n".join(lines[first : last + 1])) + "\n"
