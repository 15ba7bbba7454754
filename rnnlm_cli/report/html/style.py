"""The style of the page: light and dark, on a phone and on paper."""

from __future__ import annotations

from pathlib import Path

from rnnlm_cli.report.colors import DIVERGING, SEQUENTIAL
from rnnlm_cli.report.panels import COLORS, ON_DARK

LEVELS = 10
"""Shades of a color behind text."""

STRONGEST = 0.8
"""The opacity of the strongest one, on which black and white text can be read."""


def style() -> str:
    """Return the style sheet; it holds no text of a model."""
    layout = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")
    dark = f"@media screen and (prefers-color-scheme:dark){{{_curves(ON_DARK)}}}"
    return f"{layout}{_curves(COLORS)}\n{dark}\n{_shades()}\n"


def level(value: float) -> int:
    """Return the shade of a value from 0 to 1; 0 is none."""
    return round(min(max(value, 0.0), 1.0) * LEVELS)


def _curves(colors: tuple[str, ...]) -> str:
    return "".join(f".c{k}{{color:{color}}}" for k, color in enumerate(colors))


def _shades() -> str:
    """Return the classes of text that is surprising, or below and above zero."""
    named = {"s": SEQUENTIAL[2], "n": DIVERGING[0], "p": DIVERGING[-1]}
    return "".join(
        f".{name}{k}{{background:rgb({red} {green} {blue}/{STRONGEST * k / LEVELS:.2f})}}"
        for name, (red, green, blue) in named.items()
        for k in range(1, LEVELS + 1)
    )
