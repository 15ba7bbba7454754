"""Unicode normalisation: one form for a letter and its accents, or a syllable and its parts.

The same text may have a letter and its accent as one character (NFC) or as two (NFD, as macOS
writes names): Unicode Standard Annex 15. All questions about these forms are answered here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Literal

Form = Literal["nfc", "nfkc"]

FORMS: dict[str, Literal["NFC", "NFKC"]] = {"nfc": "NFC", "nfkc": "NFKC"}
"""The values of ``corpus.normalize``, and Python's names of these forms."""

DECOMPOSED = (
    "it has letters and accents as separate characters (NFD), normalise the text to NFC; a model "
    "trained with corpus.normalize: nfc reads both alike"
)
"""What to tell the user of a model that reads text as it is, for a text not in NFC."""

HANGUL_PARTS = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))
"""Vowels and finals, which join a letter before them to a syllable; by rule, not by table."""


def is_normal(text: str, form: str | None) -> bool:
    """Whether a text is unchanged by a form; ``None`` changes nothing. ASCII is not even looked at.

    >>> is_normal("e\u0301", "nfc"), is_normal("e\u0301", None), is_normal("é", "nfc")
    (False, True, True)
    """
    return form is None or text.isascii() or unicodedata.is_normalized(FORMS[form], text)


def to_form(text: str, form: str | None) -> str:
    """Return a text in a form; text that is in it already costs one look at each character."""
    if form is None or is_normal(text, form):
        return text
    return unicodedata.normalize(FORMS[form], text)


def is_decomposed(text: str) -> bool:
    """Whether a text has letters and accents as separate characters that could be one."""
    return not is_normal(text, "nfc")


def has_parts(token: str) -> bool:
    """Whether a token has letters and accents as separate characters, or is such an accent."""
    return is_decomposed(token) or not starts_anew(token[0])


@lru_cache(maxsize=1 << 16)
def starts_anew(character: str) -> bool:
    """Whether no form joins a character to what is before it, so that a text may be cut there.

    >>> [starts_anew(c) for c in "a각\u0301\u1161\u11a8"]
    [True, True, False, False, False]
    """
    first = unicodedata.normalize("NFKD", character)[0]
    return not unicodedata.combining(first) and first not in _joining()


@cache
def _joining() -> frozenset[str]:
    """Return the characters of class 0 that are the second part of another character."""
    parts = (unicodedata.decomposition(chr(k)).split() for k in range(0x20000))
    second = {chr(int(pair[1], 16)) for pair in parts if len(pair) == 2 and pair[0][0] != "<"}
    return frozenset(second | set(map(chr, HANGUL_PARTS)))


def by_character(original: str, size: int) -> list[str]:
    """Return which part of a stretch each of the ``size`` characters that it became was.

    All of it was the first one, if there are more or fewer than before.
    """
    return list(original) if len(original) == size else [original, *[""] * (size - 1)]


def stretches(text: str) -> Iterator[str]:
    """Cut a text into the smallest parts that are normalised as they would be in the text.

    >>> [len(part) for part in stretches("ae\u0301\u0323b")]
    [1, 3, 1]
    """
    start = 0
    for place in range(1, len(text)):
        if starts_anew(text[place]):
            yield text[start:place]
            start = place
    if text:
        yield text[start:]
