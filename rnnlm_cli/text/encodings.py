"""Which encoding a text has that is not UTF-8, as far as its first bytes tell."""

from __future__ import annotations

import codecs

MARKS = (  # UTF-32's first: that of UTF-16 is its beginning
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16"),
)
"""Byte-order marks, the name of the encoding, and what ``iconv`` calls it."""

UNMARKED = (
    ("utf-32-le", 4, "UTF-32 (little-endian, without a byte-order mark)", "utf-32le"),
    ("utf-32-be", 4, "UTF-32 (big-endian, without a byte-order mark)", "utf-32be"),
    ("utf-16-le", 2, "UTF-16 (little-endian, without a byte-order mark)", "utf-16le"),
    ("utf-16-be", 2, "UTF-16 (big-endian, without a byte-order mark)", "utf-16be"),
)
"""Python's name, bytes a unit, the name for people, and what ``iconv`` calls it."""

SAMPLE_BYTES = 4096
"""So much of a text is looked at."""

ALPHABETS_END = 0x800
"""Latin, Greek, Cyrillic, Hebrew and Arabic letters come before it."""


def wide_encoding(data: bytes) -> tuple[str, str] | None:
    """Recognize UTF-16 and UTF-32 by the first bytes of a text that is not sound UTF-8.

    Args:
        data: The text's beginning.

    Returns:
        The encoding's name, and what ``iconv`` calls it; ``None`` where it is neither.
    """
    for mark, name, iconv in MARKS:
        if data.startswith(mark):
            return name, iconv
    sample = data[:SAMPLE_BYTES]
    if b"\0" not in sample:  # a blank, a line end or a Latin letter would have one
        return None
    for codec, width, name, iconv in UNMARKED:
        if _reads_well(sample[: len(sample) // width * width], codec):
            return name, iconv
    return None


def _reads_well(sample: bytes, codec: str) -> bool:
    """Whether bytes are a text in an encoding, and not UTF-8 with a stray NUL byte."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)  # its end may be cut
    except UnicodeDecodeError:
        return False
    if not text or not all(c.isprintable() or c.isspace() for c in text):
        return False
    try:
        sample.decode()
    except UnicodeDecodeError:
        return True
    letters = sum(ord(c) < ALPHABETS_END for c in text)
    return 2 * letters > len(text) and sample.count(b"\n") == text.count("\n")
