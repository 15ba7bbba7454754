"""Fonts that have the letters of a picture."""

from __future__ import annotations

from typing import Any

FIRST = "DejaVu Sans"
"""matplotlib's own font, which is always there and has Latin, Greek, Cyrillic, Arabic."""

KNOWN = (
    *("Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans KR", "Source Han Sans", "NanumGothic"),
    *("Malgun Gothic", "Apple SD Gothic Neo", "AppleGothic", "UnDotum", "Baekmuk Gulim"),
    *("IPAexGothic", "Hiragino Sans", "Yu Gothic", "Meiryo", "PingFang SC", "Microsoft YaHei"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "Arial Unicode MS", "Unifont"),
)
"""Fonts of many letters, which are tried before all others."""

NO_LETTERS = ("Last Resort", "STIX", "cm")
"""Beginnings of the names of matplotlib's fonts that have boxes or only symbols."""


def families(text: str, manager: Any) -> tuple[list[str], str]:
    """Return font families that together have the letters of a text, and the letters they lack.

    Args:
        text: The letters.
        manager: The module ``matplotlib.font_manager``.
    """
    names = [FIRST]
    missing = {letter for letter in text if letter.isprintable() and not letter.isascii()}
    if not missing:
        return names, ""
    files = {font.name: font.fname for font in reversed(manager.fontManager.ttflist)}
    others = sorted(name for name in files if not name.startswith(NO_LETTERS))
    for name in dict.fromkeys([FIRST, *KNOWN, *others]):
        found = _found(missing, files[name], manager) if name in files and missing else set()
        names += [name] if found and name != FIRST else []
        missing -= found
    return names, "".join(sorted(missing))


def _found(letters: set[str], path: str, manager: Any) -> set[str]:
    """Return the letters that a font file has; none if it cannot be read."""
    try:
        font = manager.get_font(path)
    except (OSError, RuntimeError):  # removed since matplotlib listed it, or damaged
        return set()
    return {letter for letter in letters if font.get_char_index(ord(letter))}


def plain(label: str) -> str:
    """Return a label that matplotlib reads as plain text: no formula, not hidden."""
    escaped = label.replace("$", r"\$")
    return f" {escaped}" if escaped.startswith("_") else escaped
