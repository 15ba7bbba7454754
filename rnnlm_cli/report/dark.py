"""The colors of a picture on a dark page, as rules in the SVG that a browser follows."""

from __future__ import annotations

from rnnlm_cli.report.panels import COLORS, ON_DARK

INK = "#e6edf3"

DARK = {
    "#ffffff": "#0d1117",  # the paper
    "#000000": INK,
    "#333333": "#c3c9d0",  # captions
    "#4c4c4c": "#c3c9d0",
    "#b0b0b0": "#4d555e",  # the grid
    "#cccccc": "#4d555e",  # the frame of a legend
    **dict(zip(map(str.lower, COLORS[:-1]), ON_DARK, strict=False)),
}
"""Each color that matplotlib writes into a chart, and what it is on a dark page."""

PLACE = b"</style>"
"""The end of the style sheet that matplotlib writes first."""


def on_dark_pages(svg: bytes) -> bytes:
    """Return an SVG of matplotlib that a browser shows in dark colors on a dark page.

    Programs that know no ``prefers-color-scheme`` show it as it was, and so does a printer.
    """
    return svg.replace(PLACE, rules().encode() + PLACE, 1)


def rules() -> str:
    """Return the rules, which go before the colors in the attributes of the shapes."""
    changed = "".join(
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in DARK.items()
        for what in ("fill", "stroke")
    )
    # a text has no color if it is black
    return f"@media (prefers-color-scheme:dark){{text{{fill:{INK}}}{changed}}}"
