"""How well bytes read in an encoding: bits that a simple model of texts needs for what they say.

All encodings explain the same bytes, so the one in which they are the most probable text is the
most probable encoding (Bayes' rule, with equal priors). The model of a text is crude: the
frequencies of ``languages.py``, whatever language fits best, and the cost of neighbours that do
not go together, such as letters of two scripts. Control characters, private ones and those that
Unicode has not assigned are in no text. What needs as many bits as random bytes is none either.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from rnnlm_cli.text.languages import CJK_SIGNS, LANGUAGES, SIGNS, Language

ASCII_BITS, BLANK_BITS, SIGN_BITS, CJK_SIGN_BITS, RARE_BITS = 5.0, 3.0, 9.0, 6.0, 18.0

RANDOM_BITS = 7.0
"""Bits per byte beyond ASCII of what counts as random: nearly the eight that a byte has."""

SLACK_BITS = 6.0
"""Allowed beyond that, since a few bytes may well be rare letters."""

FORBIDDEN = frozenset(["Cc", "Cn", "Co", "Cs"])
"""Categories of characters that a text does not have."""

LAYOUT = "\t\n\r\f\v\x85"


class Plausibility(NamedTuple):
    """How well a text reads."""

    bits: float  # of the whole text; infinite if a character is forbidden
    beyond: float  # the bits of its characters beyond ASCII, and of their neighbours

    def is_text(self, size: int) -> bool:
        """Whether it is more like a text than like ``size`` random bytes beyond ASCII."""
        return self.beyond < RANDOM_BITS * size + SLACK_BITS


def plausibility(text: str) -> Plausibility:
    """Return how well a text reads in the language that fits it best."""
    counts = Counter(text)
    if any(unicodedata.category(c) in FORBIDDEN and c not in LAYOUT for c in counts):
        return Plausibility(math.inf, math.inf)
    ascii_bits = sum(many * _ascii_bits(c) for c, many in counts.items() if c.isascii())
    others = [(c, many) for c, many in counts.items() if not c.isascii()]
    beyond = min(
        sum(many * _letter_bits(c, name) for c, many in others) for name in LANGUAGES
    ) + _neighbour_bits(text)
    return Plausibility(ascii_bits + beyond, beyond)


def _neighbour_bits(text: str) -> float:
    pairs = Counter(pairwise(text))
    return sum(many * _pair_bits(a, b) for (a, b), many in pairs.items())


def _ascii_bits(character: str) -> float:
    return BLANK_BITS if character.isspace() else ASCII_BITS


@lru_cache(maxsize=1 << 18)
def _letter_bits(character: str, name: str) -> float:
    """Return the bits of a character beyond ASCII in a language."""
    language = LANGUAGES[name]
    if found := _frequent_bits(language).get(character):
        return found
    if language.others(character):
        return math.log2(language.other_count / (1 - language.share))
    if character in CJK_SIGNS and name.startswith(("Japanese", "Chinese", "Korean")):
        return CJK_SIGN_BITS
    return SIGN_BITS if character in SIGNS else RARE_BITS


@cache
def _frequent_bits(language: Language) -> dict[str, float]:
    """Return the bits of the frequent letters, by a law like Zipf's."""
    letters = list(dict.fromkeys(language.frequent))
    weights = [1 / (place + 4) for place in range(len(letters))]
    most = sum(weights)
    return {
        letter: -math.log2(language.share * weight / most)
        for letter, weight in zip(letters, weights, strict=True)
    }


@lru_cache(maxsize=1 << 18)
def _pair_bits(one: str, other: str) -> float:
    """Return the bits that two neighbours cost because they do not go together."""
    if one.isascii() and other.isascii():
        return 0.0
    first, second = _script(one), _script(other)
    if not first or not second:
        # the lead byte of a letter read as a sign: ¼±»ý
        return 3.0 if one in SIGNS and other in SIGNS else 0.0
    if first != second:
        return SCRIPT_PAIRS.get(frozenset([first, second]), 12.0)
    if first == "LATIN" and not (one.isascii() or other.isascii()):
        return 3.0
    if one.islower() and other.isupper():
        return 6.0
    return 2.0 if one.isupper() and other.isupper() else 0.0


SCRIPT_PAIRS = {
    frozenset(["KANA", "CJK"]): 0.5,
    frozenset(["HANGUL", "CJK"]): 4.0,
    frozenset(["LATIN", "HANGUL"]): 2.0,
    frozenset(["LATIN", "CJK"]): 3.0,
    frozenset(["LATIN", "KANA"]): 3.0,
}
"""Scripts that occur within one word, and the bits of a change between them."""


@lru_cache(maxsize=1 << 18)
def _script(character: str) -> str:
    """Return the script of a letter or of its mark; an empty string for other characters."""
    script = unicodedata.name(character, "").split(" ")[0]
    if unicodedata.category(character)[0] not in "LM" or script == "COMBINING":
        return ""
    return "KANA" if script in ("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA") else script
