"""Mutants of a module: its source with one small mistake in it, as ``mutants.py`` tries them.

A comparison, an arithmetic or a boolean operator is exchanged, a condition is negated, a number or
boolean is changed, a result is None, or a statement is deleted. Strings, annotations and docstrings
are not changed: other tests check the wording of messages.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
ARITHMETIC = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
}
BOOLEAN = {ast.And: ast.Or, ast.Or: ast.And}


class Mutant(NamedTuple):
    """One mistake."""

    path: str  # of the module, as it was given
    kind: str
    lines: frozenset[int]  # the mistake is reached where one of these runs
    before: str
    after: str
    source: bytes  # of the whole module, with the mistake

    def __str__(self) -> str:
        """Return place, kind and both texts on one line."""
        before, after = (" ".join(text.split()) for text in (self.before, self.after))
        return f"{self.path}:{min(self.lines)}: {self.kind}: {before}  ->  {after or '(nothing)'}"


def mutants(root: Path, path: str) -> Iterator[Mutant]:
    """Yield every mutant of the module at ``path`` below ``root``."""
    source = (root / path).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    for statement, node in places(ast.parse(source)):
        for kind, place, after in changes(node):
            start = starts[place.lineno - 1] + place.col_offset
            end = starts[place.end_lineno - 1] + place.end_col_offset
            text = after if isinstance(place, ast.stmt) else f"({after})"
            mutated = source[:start] + text.encode() + source[end:]
            ast.parse(mutated)
            before = source[start:end].decode()
            yield Mutant(path, kind, lines_of(statement, place), before, after, mutated)


def has_body(statement: ast.stmt) -> bool:
    """Whether other statements are inside this one."""
    return hasattr(statement, "body")


def lines_of(statement: ast.stmt, node: ast.AST) -> frozenset[int]:
    """Return the lines on which a tracer can see that a node is reached."""
    whole = node if has_body(statement) else statement
    return frozenset({statement.lineno, *range(whole.lineno, whole.end_lineno + 1)})


def places(tree: ast.Module) -> Iterator[tuple[ast.stmt, ast.AST]]:
    """Yield each statement and expression with the innermost statement that it is part of."""

    def below(node: ast.AST, statement: ast.stmt | None) -> Iterator[tuple[ast.stmt, ast.AST]]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST) or isinstance(child, ast.JoinedStr):
                    continue
                inner = child if isinstance(child, ast.stmt) else statement
                if inner is not None and isinstance(child, ast.stmt | ast.expr):
                    yield inner, child
                yield from below(child, inner)

    yield from below(tree, None)


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST, str]]:
    """Yield each mistake that a node can have: its kind, the node replaced, and the new text."""
    match node:
        case ast.Compare(ops=[op]) if other := COMPARISONS.get(type(op)):
            yield "comparison", node, altered(node, ops=[other()])
        case ast.BinOp(op=op) if (other := ARITHMETIC.get(type(op))) and not is_text(node):
            yield "arithmetic", node, altered(node, op=other())
        case ast.AugAssign(op=op) if other := ARITHMETIC.get(type(op)):
            yield "arithmetic", node, altered(node, op=other())
        case ast.BoolOp(op=op):
            yield "boolean", node, altered(node, op=BOOLEAN[type(op)]())
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "boolean", node, ast.unparse(operand)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield "condition", test, ast.unparse(ast.UnaryOp(ast.Not(), test))
        case ast.Constant(value=bool() as value):
            yield "constant", node, str(not value)
        case ast.Constant(value=int() | float() as value):
            yield "constant", node, repr(value + 1)
        case ast.Return(value=ast.expr() as value) if not is_none(value):
            yield "return", node, "return None"
    if is_deletable(node):
        yield "deletion", node, "pass"


def altered(node: ast.AST, **fields: object) -> str:
    """Return a node's text with some fields changed."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return ast.unparse(ast.fix_missing_locations(other))


def is_text(node: ast.BinOp) -> bool:
    """Whether a sum or product is visibly one of strings."""
    return any(
        isinstance(side, ast.JoinedStr)
        or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes))
        for side in (node.left, node.right)
    )


def is_none(value: ast.expr) -> bool:
    """Whether an expression is None."""
    return isinstance(value, ast.Constant) and value.value is None


def is_deletable(node: ast.AST) -> bool:
    """Whether a statement has an effect and a module without it still defines its names."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return False
        case ast.Expr() | ast.Raise() | ast.Break() | ast.Continue() | ast.AugAssign():
            return True
        case ast.Assign(targets=targets):
            return all(isinstance(target, ast.Attribute | ast.Subscript) for target in targets)
    return False
