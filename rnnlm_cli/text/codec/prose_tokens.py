"""Tokens of words and punctuation marks: which sides join, and how a token says so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from rnnlm_cli.text.codec.prose_pattern import APART, JOINED, pattern
from rnnlm_cli.text.codec.punctuation import (
    APOSTROPHES,
    CONTRACTION,
    EVERY,
    NEITHER,
    OPENING,
    QUOTES,
    Sides,
    is_word,
    sides_of,
)

CONTRACTED = re.compile(rf"(.+?)((?:{CONTRACTION.pattern}){{1,3}})", re.IGNORECASE | re.DOTALL)
"""A word with the second parts of contractions, as ``would`` ``n't`` ``'ve``."""

WRITTEN = {JOINED: f"<{JOINED}>", APART: f"<{APART}>"}
"""How tokens write the two characters that are marks. No other token holds one inside."""

CHARACTER = {written: character for character, written in WRITTEN.items()}


class Read(NamedTuple):
    """What a token says.

    Attributes:
        surface: Its text.
        sides: Which of its neighbours it joins.
    """

    surface: str
    sides: Sides


def bodies(word: str) -> list[str]:
    """Split what is between white space into words and punctuation marks.

    >>> bodies("(don't,")
    ['(', 'do', "n't", ',']
    """
    found = [match.group() for match in pattern().finditer(word)]
    if not any(mark in word for mark in APOSTROPHES):
        return found
    parts: list[str] = []
    for body in found:
        if body[0].isalnum() and (contracted := CONTRACTED.fullmatch(body)):
            first, rest = contracted.groups()
            parts += [first, *CONTRACTION.findall(rest)]
        else:
            parts.append(body)
    return parts


def sided(
    run: Sequence[str | None], spaced_before: bool, spaced_after: bool
) -> Iterator[tuple[str | None, Sides]]:
    """Yield what is between white space, each with the sides that join; ``None`` joins nothing.

    Args:
        run: Words and punctuation marks.
        spaced_before: White space is before the first one, so it must not join what is before; at
            a line's beginning nothing is.
        spaced_after: White space is after the last one.
    """
    kinds = [BLANK if body is None else _kind(body[:LONGEST_NAMED]) for body in run]
    joined = False  # the one before joins this one
    last = len(run) - 1
    for number, (body, kind) in enumerate(zip(run, kinds, strict=True)):
        may_left = number > 0 or not spaced_before
        must_left = number > 0 and not joined
        may_right = number < last or not spaced_after
        must_right = number < last and kind.must_join(kinds[number + 1])
        for sides in kind.choices:
            left_fits = sides.left if must_left else may_left or not sides.left
            right_fits = sides.right if must_right else may_right or not sides.right
            if left_fits and right_fits:
                break
        joined = sides.right
        yield body, sides


class _Kind(NamedTuple):
    """What decides about the marks of a word or punctuation mark.

    Attributes:
        choices: The sides that may join, by preference: the rule, then what departs least from it.
        is_word: Whether it is a word, or a blank: the mark, if one is needed, goes to a neighbour.
    """

    choices: tuple[Sides, ...]
    is_word: bool

    def must_join(self, following: _Kind) -> bool:
        """Whether it must join a word that follows and that leaves the mark to it."""
        return following.is_word and not self.is_word and not following.choices[0].left


BLANK = _Kind((NEITHER,), is_word=True)

LONGEST_NAMED = 64
"""Characters that decide about the kind of a word or punctuation mark."""


@lru_cache(1 << 14)
def _kind(body: str) -> _Kind:
    rule = sides_of(body)
    first = (rule, OPENING) if body in QUOTES else (rule,)
    least = sorted(EVERY, key=lambda s: (s.left != rule.left) + (s.right != rule.right))
    return _Kind((*first, *least), is_word(body))


def spelled(body: str, sides: Sides, end_of_line: str | None) -> str:
    """Return the token of a word or punctuation mark.

    Args:
        body: The word or punctuation mark.
        sides: Which of its neighbours it joins.
        end_of_line: The token of a line's end, which this one must differ from.
    """
    written = WRITTEN.get(body, body)
    if sides == sides_of(body) and written != end_of_line:
        return written
    left, right = JOINED if sides.left else "", JOINED if sides.right else ""
    token = f"{left}{written}{right}" if left or right else f"{APART}{written}"
    return token if token != end_of_line else f"{APART}{token}"


@lru_cache(1 << 16)
def read(token: str) -> Read:
    """Return what a token says; without marks its sides are those of the rule."""
    marked = token.lstrip(APART)
    body = marked.removeprefix(JOINED).removesuffix(JOINED)
    sides = Sides(marked.startswith(JOINED), marked.endswith(JOINED))
    if not body:  # no token of a text
        return Read(token, NEITHER)
    surface = CHARACTER.get(body, body)
    return Read(surface, sides if token != body else sides_of(surface))
