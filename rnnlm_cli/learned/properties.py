"""Properties of a text that a unit may keep track of, such as whether a quotation is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.arrays import Array

OTHER_SPELLINGS = {"``": "\u201c", "''": "\u201d", "-lrb-": "(", "-rrb-": ")"}
"""Tokens of treebanks for quotation marks and brackets."""

OPENING, CLOSING = "([{", ")]}"


@dataclass(frozen=True)
class Property:
    """What is true of a text, or counted in it, when a token has been read.

    Attributes:
        meaning: In words, for a help text and a title.
        yes_or_no: Whether it is 0 or 1; else it is a number.
        follow: Yields its value after each character.
        ahead: Whether it is about the next token, so that the value of the next one counts.
    """

    meaning: str
    yes_or_no: bool
    follow: Callable[[str], Iterator[float]]
    ahead: bool = False

    def values(self, pieces: Sequence[str]) -> Array:
        """Return the values ``(n,)`` after each token; NaN where it is not known.

        Args:
            pieces: ``(n,)``, what each token adds to the text, not empty.
        """
        pieces = [_usual(piece) for piece in pieces]
        values = np.fromiter(self.follow("".join(pieces)), np.float64)
        if self.ahead:  # of the first character of the next piece
            starts = np.cumsum([len(piece) for piece in pieces])
            return np.asarray(np.append(values, np.nan)[starts])
        ends = np.cumsum([len(piece) for piece in pieces]) - 1
        return np.where(ends >= 0, values[ends], np.nan)


def property_named(name: str) -> Property:
    """Return a property.

    Raises:
        UsageError: There is none of this name.
    """
    if name not in PROPERTIES:
        raise UsageError(f"{name!r} is none of {', '.join(PROPERTIES)}", field="find")
    return PROPERTIES[name]


def _usual(piece: str) -> str:
    """Return a piece of text with the usual quotation marks and brackets."""
    word = piece.strip()
    usual = OTHER_SPELLINGS.get(word.lower())
    return piece if usual is None else piece.replace(word, usual)


def _quotation(text: str) -> Iterator[float]:
    """Whether a quotation is open; at a blank line none is."""
    opened, before = False, ""
    for c in text:
        if c == '"':
            opened = not opened
        elif c in "\u201c\u00ab\u300c":
            opened = True
        elif c in "\u201d\u00bb\u300d" or (c == before == "\n"):
            opened = False
        before = c
        yield opened


def _brackets(text: str) -> Iterator[float]:
    """Whether a bracket is open; at a blank line none is."""
    depth, before = 0, ""
    for c in text:
        if c in OPENING:
            depth += 1
        elif c in CLOSING:
            depth = max(0, depth - 1)
        elif c == before == "\n":
            depth = 0
        before = c
        yield depth > 0


def _since(begins: Callable[[str], bool]) -> Callable[[str], Iterator[float]]:
    """Count the characters since one that ``begins`` a new count."""

    def follow(text: str) -> Iterator[float]:
        count = 0
        for c in text:
            count = 0 if begins(c) else count + 1
            yield count

    return follow


def _indentation(text: str) -> Iterator[float]:
    """Count the spaces at the beginning of the line."""
    count, leading = 0, True
    for c in text:
        if c == "\n":
            count, leading = 0, True
        elif leading and c in " \t":
            count += 1
        else:
            leading = False
        yield count


def _capitals(text: str) -> Iterator[float]:
    """Whether all letters of the line so far are capitals, two at least."""
    count, capitals = 0, True
    for c in text:
        if c == "\n":
            count, capitals = 0, True
        elif c.isalpha():
            count, capitals = count + 1, capitals and c.isupper()
        yield capitals and count > 1


def _is(test: Callable[[str], bool]) -> Callable[[str], Iterator[float]]:
    """Test each character."""
    return lambda text: (test(c) for c in text)


PROPERTIES = {
    "quote": Property("inside a quotation", True, _quotation),
    "bracket": Property("inside brackets", True, _brackets),
    "capitals": Property("a line that has had capitals only", True, _capitals),
    "number": Property("inside a number", True, _is(str.isdigit)),
    "word-end": Property("the word ends here", True, _is(str.isspace), ahead=True),
    "line-end": Property("the line ends here", True, _is("\n".__eq__), ahead=True),
    "line-length": Property("characters since the line began", False, _since(lambda c: c == "\n")),
    "word-length": Property("characters since the word began", False, _since(str.isspace)),
    "sentence-length": Property(
        "characters since the sentence began", False, _since(lambda c: c in ".!?")
    ),
    "indentation": Property("spaces at the beginning of the line", False, _indentation),
}
"""The properties by name."""
