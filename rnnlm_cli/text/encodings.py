"""Which encodings bytes may be in: by their byte-order marks, and by how well they read."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from rnnlm_cli.system.text_encodings import UTF8
from rnnlm_cli.text.plausible import Plausibility, plausibility

MARKS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, UTF8),
)
"""Byte-order mark, and the encoding."""

UNMARKED = (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2))
"""Encodings without a mark, and their bytes per unit."""

SHIFTED = {
    rb"\x1b\$\)C": ("iso2022_kr",),
    rb"\x1b(\$[@B]|\([IJ])": ("iso2022_jp", "iso2022_jp_2"),
}
"""Encodings of seven bits, by the escape sequences that only they have."""

FAMILIES = (
    ("cp949",),  # has all of euc-kr
    ("shift_jis", "cp932"),
    ("euc_jp",),
    ("gb18030",),  # has all of gbk and gb2312
    ("big5", "cp950", "big5hkscs"),
    ("cp1252",),
    ("cp1251",),
    ("koi8-r", "koi8-u"),
    ("cp1250",),
    ("iso8859-2",),
    ("cp1253",),
    ("iso8859-7",),
    ("cp1254",),
    ("cp1255",),
    ("cp1256",),
    ("cp1257",),
    ("cp874",),
    ("cp866",),
    ("johab",),
    ("iso8859-5",),
    ("mac-roman",),
    ("cp850",),
    ("cp1258",),
)
"""Encodings of texts that are at hand. In a family each has all that the one before it has."""

SAMPLE_BYTES = 1 << 16
"""Number of bytes among which lines beyond ASCII are looked for."""

EXAMINED_BYTES = 1 << 14
"""Number of bytes of such lines that are examined."""

WIDE_BYTES = 4096
"""Number of bytes examined for encodings of several bytes per letter."""

ALPHABETS_END = 0x800
"""Latin, Greek, Cyrillic, Hebrew and Arabic letters have smaller code points."""

NEAR_BITS, NEAR_SHARE = 6.0, 0.1
"""How many bits, and which share more, another reading may need to be worth naming."""


class Reading(NamedTuple):
    """An encoding in which bytes read well.

    Attributes:
        encoding: Its name.
        widest: The widest encoding that agrees with it.
        plausibility: How well the bytes read.
    """

    encoding: str
    widest: str
    plausibility: Plausibility


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding of a text that begins with a byte-order mark, else ``None``."""
    return next((name for mark, name in MARKS if data.startswith(mark)), None)


def wide_encoding(data: bytes) -> str | None:
    """Recognize UTF-16 and UTF-32 by the first bytes of a text, also without a mark."""
    if (marked := marked_encoding(data)) not in (None, UTF8):
        return marked
    sample = data[:WIDE_BYTES]
    if b"\0" not in sample:  # a space, a line end or a Latin letter would have one
        return None
    fitting = (name for name, width in UNMARKED if _reads_well(_cut(sample, width), name))
    return next(fitting, None)


def shifted_encodings(data: bytes) -> tuple[str, ...]:
    """Return the encodings that the escape sequences in bytes belong to; empty for none."""
    if b"\x1b" not in data:
        return ()
    return next((names for found, names in SHIFTED.items() if re.search(found, data)), ())


def readings(sample: bytes, but: str | None = None) -> list[Reading]:
    """Return the encodings in which bytes read well, the most plausible first.

    Args:
        sample: Whole lines, but for the end. It is not in UTF-16 or UTF-32.
        but: An encoding that is known to be wrong.
    """
    sample = _notable(sample)
    found: list[Reading] = []
    seen = set[str]()
    for family in _families(sample):
        for name in family:
            text = None if name == but else decoded(sample, name)
            if text is None or text in seen:
                continue
            seen.add(text)
            how = plausibility(text)
            size = len(sample) - sum(map(str.isascii, text))  # of letters beyond ASCII
            if name == UTF8 or how.is_text(size):
                found.append(Reading(name, family[-1], how))
            break
    found.sort(
        key=lambda one: (one.encoding != UTF8, one.plausibility.bits)
    )  # bytes are not UTF-8 by chance
    if not found or found[0].encoding == UTF8:
        return found[:1]
    best = found[0].plausibility
    most = NEAR_BITS + best.bits + NEAR_SHARE * best.beyond
    return [one for one in found if one.plausibility.bits <= most]


def decoded(data: bytes, encoding: str) -> str | None:
    """Return bytes as a text that may end within a character; ``None`` if they are not valid."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return None


def _families(sample: bytes) -> Iterator[tuple[str, ...]]:
    if shifted := shifted_encodings(sample):
        yield shifted
    if not sample.isascii():
        yield (UTF8,)
        yield from FAMILIES


def _notable(sample: bytes) -> bytes:
    """Return the lines of a sample that are not ASCII only, at most ``EXAMINED_BYTES``."""
    if b"\x1b" in sample:
        return sample[:EXAMINED_BYTES]
    lines = sample.split(b"\n")
    ended = (line + b"\n" * (k < len(lines) - 1) for k, line in enumerate(lines))
    return b"".join(line for line in ended if not line.isascii())[:EXAMINED_BYTES]


def _cut(data: bytes, width: int) -> bytes:
    return data[: len(data) // width * width]


def _reads_well(sample: bytes, codec: str) -> bool:
    """Whether bytes are a text in an encoding, and not UTF-8 with a stray NUL byte."""
    text = decoded(sample, codec)
    if not text or not plausibility(text).is_text(len(sample)):
        return False
    if decoded(sample, UTF8) is None:
        return True
    letters = sum(ord(c) < ALPHABETS_END for c in text)
    return 2 * letters > len(text) and sample.count(b"\n") == text.count("\n")
