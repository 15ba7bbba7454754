r"""The fields of HTK's Standard Lattice Format: ``NAME=VALUE``, several on a line.

A value with blanks is in double quotes, and a backslash precedes a character that is
meant as it is. A single quote is an apostrophe, as TheanoLM reads it: ``'s`` is a word.
"""

from __future__ import annotations

import math
import re

from rnnlm_cli.exchange.nbest_formats import LARGEST
from rnnlm_cli.exchange.numerals import read_numeral

FIELD = re.compile(
    r"""
    [ \t]* (?P<name> [^\s="]+ ) =
    (?: " (?P<quoted> (?: [^"\\] | \\. )* ) " | (?P<bare> (?: [^\s\\] | \\. )* ) )
    (?!\S)
    """,
    re.VERBOSE,
)

SHORT = {
    "UTTERANCE": "U",
    "NODES": "N",
    "LINKS": "L",
    "time": "t",
    "WORD": "W",
    "START": "S",
    "END": "E",
    "acoustic": "a",
    "language": "l",
}
"""Names that have a short form; ``start`` and ``end`` in small letters are of the header."""

Fields = dict[str, str]


def split_fields(line: str) -> Fields:
    """Return the fields of a line by their short names.

    Raises:
        ValueError: A part of it is not a field.
    """
    found, place, text = Fields(), 0, line.rstrip()
    while place < len(text):
        match = FIELD.match(text, place)
        if not match:
            raise ValueError(f"{text[place:].strip()[:40]!r} is not of the form NAME=VALUE")
        value = match["bare"] if match["quoted"] is None else match["quoted"]
        found[SHORT.get(match["name"], match["name"])] = re.sub(r"\\(.)", r"\1", value)
        place = match.end()
    return found


def whole(fields: Fields, name: str) -> int:
    """Return the whole number in a field.

    Raises:
        ValueError: There is none.
    """
    if name not in fields:
        raise ValueError(f"there is no {name}=")
    if not re.fullmatch("[0-9]{1,9}", fields[name]):
        raise ValueError(f"{name}={fields[name][:40]} is not a whole number")
    return int(fields[name])


def number(fields: Fields, name: str, default: float) -> float:
    """Return the number in a field, or the default without the field.

    Raises:
        ValueError: It is not a number.
    """
    return read_numeral(fields[name]) if name in fields else default


def natural_log(fields: Fields, name: str, base: float) -> float:
    """Return the natural log in a field, 0 without the field.

    Args:
        fields: The fields.
        name: The field's name.
        base: The base of the file's logarithms; 0 if the file has probabilities.

    Raises:
        ValueError: It is not a number, or not from -1e12 to 1e12.
    """
    if name not in fields:
        return 0.0
    found = read_numeral(fields[name])
    if base:
        found *= math.log(base)
    else:
        found = math.log(found) if found > 0 else -math.inf
    if abs(found) > LARGEST:
        raise ValueError(f"{name}={fields[name][:40]} is not a score from -1e12 to 1e12")
    return found
