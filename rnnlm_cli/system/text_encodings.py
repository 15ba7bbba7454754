"""The names of the encodings that a text may be in: those of Python that turn bytes into text."""

from __future__ import annotations

import codecs
import difflib
import re
from encodings.aliases import aliases
from functools import cache

UTF8 = "utf-8"

AUTO = "auto"
"""Find the encoding in the text itself."""

NOT_TEXT = frozenset(["charmap", "idna", "mbcs", "oem", "punycode", "raw-unicode-escape"])
NOT_TEXT |= {"undefined", "unicode-escape"}
"""Codecs of parts of a text, of one system, or without a meaning of their own."""


def is_encoding(name: str) -> bool:
    """Whether a name is ``auto`` or an encoding of texts that Python knows."""
    return name == AUTO or canonical(name) is not None


@cache
def canonical(name: str) -> str | None:
    """Return Python's own name of an encoding; ``None`` if it is not an encoding of texts.

    >>> canonical("UTF8"), canonical("ks_c_5601"), canonical("base64"), canonical("no-such")
    ('utf-8', 'euc_kr', None, None)
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,39}", name):
        return None
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    is_text = getattr(found, "_is_text_encoding", True)  # false of base64, rot13, bz2 ...
    return found.name if is_text and found.name not in NOT_TEXT else None


def near_encodings(name: str, most: int = 3) -> list[str]:
    """Return encodings with names like this one, the nearest first.

    >>> near_encodings("cp9494"), near_encodings("latn1")
    (['cp949'], ['latin1'])
    """
    names = {other.replace("_", "-"): other for other in [*aliases, *aliases.values(), AUTO]}
    wanted = name.lower().replace("_", "-")
    found: dict[str, str] = {}
    for near in difflib.get_close_matches(wanted, sorted(names), n=4 * most, cutoff=0.75):
        if is_encoding(names[near]):
            found.setdefault(canonical(names[near]) or near, near)
    return list(found.values())[:most]
