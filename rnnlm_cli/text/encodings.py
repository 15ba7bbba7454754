"""Recognizes the encoding of a text that is not UTF-8 by its first bytes."""

from __future__ import annotations

import codecs

MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "UTF-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "UTF-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "UTF-16", "utf-16"),
)
"""Byte-order mark, the encoding's name, and its name in ``iconv``."""

UNMARKED = (
    ("utf-32-le", 4, "UTF-32 (little-endian, without a byte-order mark)", "utf-32le"),
    ("utf-32-be", 4, "UTF-32 (big-endian, without a byte-order mark)", "utf-32be"),
    ("utf-16-le", 2, "UTF-16 (little-endian, without a byte-order mark)", "utf-16le"),
    ("utf-16-be", 2, "UTF-16 (big-endian, without a byte-order mark)", "utf-16be"),
)
"""Python's name, bytes per unit, the name in messages, and the name in ``iconv``."""

SAMPLE_BYTES = 4096
"""Number of bytes examined."""

ALPHABETS_END = 0x800
"""Latin, Greek, Cyrillic, Hebrew and Arabic letters have smaller code points."""


def wide_encoding(data: bytes) -> tuple[str, str] | None:
    """Recognize UTF-16 and UTF-32 by the first bytes of a text that is not valid UTF-8.

    Args:
        data: The text's beginning.

    Returns:
        The encoding's name, and its name in ``iconv``; ``None`` if it is neither.
    """
    for mark, name, iconv in MARKS:
        if data.startswith(mark):
            return name, iconv
    sample = data[:SAMPLE_BYTES]
    if b"\0" not in sample:  # a space, a line end or a Latin letter would have one
        return None
    for codec, width, name, iconv in UNMARKED:
        if _reads_well(sample[: len(sample) // width * width], codec):
            return name, iconv
    return None


def _reads_well(sample: bytes, codec: str) -> bool:
    """Whether bytes are a text in an encoding, and not UTF-8 with a stray NUL byte."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(sample)  # may end within a character
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
