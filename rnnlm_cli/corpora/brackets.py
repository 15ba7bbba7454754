"""Lines of brackets, balanced or not: ``balanced<TAB>( ( ) )``."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.corpora.split import Split
from rnnlm_cli.errors import UsageError

LINES = Range(60, 1_000_000, whole=True)
LENGTH = Range(2, 10_000, whole=True)

BALANCED, OTHER = "balanced", "other"
MOST_TRIES = 50
"""Draws per line before there are taken to be too few different lines."""


def brackets(lines: int = 10_000, shortest: int = 2, longest: int = 20, seed: int = 1) -> Split:
    r"""Return lines of brackets with their label, half of them balanced, all different.

    A line is balanced if each ``)`` closes a ``(`` before it and none is left open. The others are
    balanced lines in which two brackets are exchanged, or one is turned round; so in many of them
    there are as many of both kinds, and it is their order that is wrong.

    Args:
        lines: How many, in all three parts together.
        shortest: Least number of brackets in a line.
        longest: Maximum number of brackets in a line.
        seed: Of the draws.

    Raises:
        UsageError: There are too few such lines.

    >>> brackets(60, longest=12, seed=1).test[:2]
    ['balanced\t( ( ) ) ( ) ( ) ( )', 'other\t( ) ( ( ( ( ) ) ) (']
    """
    rng, seen, found = np.random.default_rng(seed), set[str](), list[str]()
    for _ in range(MOST_TRIES * lines):
        if len(found) == lines:
            return Split.of(found)
        half = int(rng.integers(-(-shortest // 2), longest // 2 + 1))
        line = balanced(half, rng)
        label = BALANCED if len(found) % 2 else OTHER
        if label == OTHER:
            line = spoiled(line, rng)
        if line not in seen and is_balanced(line) == (label == BALANCED):
            seen.add(line)
            found.append(f"{label}\t{' '.join(line)}")
    raise UsageError(
        f"there are fewer than {lines:,} different lines of {shortest} to {longest} brackets",
        field="lines",
        remedy="use fewer {lines}, or a larger {longest}",
    )


def balanced(pairs: int, rng: np.random.Generator) -> str:
    """Draw a balanced line of some pairs of brackets.

    At each place one of the brackets that may be there is drawn: a closing one if any is open, an
    opening one if any is left.
    """
    line, opened, left = "", 0, pairs
    for _ in range(2 * pairs):
        opens = left > 0 and (opened == 0 or rng.random() < 0.5)
        line += "(" if opens else ")"
        opened += 1 if opens else -1
        left -= opens
    return line


def spoiled(line: str, rng: np.random.Generator) -> str:
    """Exchange two brackets of a line, or turn one round."""
    cells = list(line)
    if rng.random() < 0.5:
        one, other = rng.integers(len(cells), size=2)
        cells[one], cells[other] = cells[other], cells[one]
    else:
        place = int(rng.integers(len(cells)))
        cells[place] = ")" if cells[place] == "(" else "("
    return "".join(cells)


def is_balanced(line: str) -> bool:
    """Whether each ``)`` closes a ``(`` before it and none is left open.

    >>> [is_balanced(line) for line in ("(())()", "())(", "(()")]
    [True, False, False]
    """
    depths = np.cumsum([1 if bracket == "(" else -1 for bracket in line])
    return bool(depths.min(initial=0) >= 0) and int(depths[-1]) == 0
