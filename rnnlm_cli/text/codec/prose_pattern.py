"""The pattern that finds words and punctuation marks in a text between white space.

An alternative takes time in proportion to what it matches, and reads at most some hundred
characters in vain. So the time for a text grows only with its length, whatever it holds.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain, compress, pairwise

from rnnlm_cli.text.codec.punctuation import TAG, UNSPACED

JOINED, APART = "‿", "␣"
"""The marks of tokens; in a text each of the two is a token by itself."""

TITLES = """
Mr Mrs Ms Messrs Mme Mlle Dr Drs Prof St Ste Jr Sr Gen Col Maj Capt Lt Sgt Sen Rep Gov Pres Rev Hon
Inc Ltd Corp Co Bros Mt Ave Blvd Dept Univ Assn Fig Eq Vol Ed Jan Feb Aug Sept Oct Nov Dec
mr mrs ms dr prof st jr sr inc ltd corp vs etc cf al ca approx resp bzw usw
"""
"""Words of which a full stop is a part; in lower case only those that mean nothing else."""

EXTENDING = ("Mn", "Mc", "Me", "Cf")
"""Categories of characters that belong to the one before: accents, vowel signs, joiners."""

SCANNED = ((0, 0xD800), (0xE000, 0x20000), (0xE0000, 0xE0200))
"""The code points of all letters but ideographs, and of all that extends them."""

EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2194-\u21ff\u2300-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935"
    "\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
MODIFIERS = "\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
FLAGS = "\U0001f1e6-\U0001f1ff"
"""Characters of emoji sequences (Unicode Technical Standard 51), roughly."""


@cache
def pattern() -> re.Pattern[str]:
    """Return the pattern; it matches something at every character."""
    letter, extend = f"[{_inside(_of_words())}]", f"[{_inside(_extending())}]"
    of_address = f'[^\\s<>"“”{JOINED}{APART}]'
    alternatives = [
        rf"(?:[A-Za-z]{{2,12}}://|www\.){of_address}*[\w/]",
        r"[A-Za-z0-9][\w.%+-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
        TAG.pattern,
        r"(?:[^\W\d_]\.){2,8}(?!\w)",  # U.S., e.g.
        rf"(?:{'|'.join(TITLES.split())})\.(?!\w)",
        r"[A-HJ-ZА-Я]\.(?!\w)",  # an initial
        r"['’](?i:tis|twas|twere|twill|twould|em|til|s|m|d|ll|re|ve)(?!\w)",
        # inner apostrophes and hyphens, and the points of a number or a time
        rf"{letter}+(?:(?:['’‐‑-]|(?<=\d)[.,:](?=\d)){letter}+)*",
        "[\u30a1-\u30fa\u30fc-\u30ff\uff66-\uff9f]+",  # Katakana, mostly loan words
        rf"{UNSPACED.pattern}{extend}*",
        r"\.{2,}|``|''",
        rf"[{FLAGS}]{{2}}",
        rf"(?P<emoji>[{EMOJI}][{MODIFIERS}]*(?:\u200d[{EMOJI}][{MODIFIERS}]*)*)(?P=emoji)*",
        r"(?P<line>[-–—=*~+<>|^/\\#])(?P=line)+",
        f"[{JOINED}{APART}]",
        f"(?s:.){extend}*",
    ]
    return re.compile("|".join(alternatives))


@cache
def _extending() -> str:
    """Return all characters that extend the one before."""
    every = "".join(map(chr, chain.from_iterable(range(*limits) for limits in SCANNED)))
    categories = map(unicodedata.category, every)
    return "".join(compress(every, (category in EXTENDING for category in categories)))


def _of_words() -> str:
    """Return all characters of words between white space: letters, digits, what extends them."""
    every = "".join(map(chr, chain.from_iterable(range(*limits) for limits in SCANNED)))
    return UNSPACED.sub("", "".join(re.findall(r"\w", every)) + _extending())


def _inside(characters: str) -> str:
    """Return characters as the inside of a set in a pattern."""
    codes = sorted(map(ord, characters))
    firsts = [code for before, code in pairwise([-1, *codes]) if code != before + 1]
    lasts = [code for code, after in pairwise([*codes, -1]) if after != code + 1]
    return "".join(
        rf"\U{first:08x}-\U{last:08x}" for first, last in zip(firsts, lasts, strict=True)
    )
