"""Picture files; the only file that imports matplotlib."""

from __future__ import annotations

import io
import logging
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rnnlm_cli.errors import UsageError
from rnnlm_cli.report.dark import on_dark_pages
from rnnlm_cli.report.fonts import families
from rnnlm_cli.report.panels import Panel, arrange
from rnnlm_cli.system.optional import extra
from rnnlm_cli.system.whole_file import whole_file

ENDINGS = (".png", ".svg", ".pdf")

DPI = 200
"""Pixels per inch of a PNG."""

SETTINGS = {"svg.hashsalt": "rnnlm", "svg.fonttype": "none", "pdf.fonttype": 42, "font.size": 9.5}

NO_CLOCK: dict[str, dict[str, None]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
"""What a format must not record, so that the same curves give the same file."""


def check_picture(path: str) -> None:
    """Check, before any work, that a picture of this name can be drawn.

    Raises:
        UsageError: Its suffix is not in ``ENDINGS``, or matplotlib is not installed.
    """
    if not path.endswith(ENDINGS):
        raise UsageError(
            f"expected a name that ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}",
            field="out",
            place=path,
        )
    extra("matplotlib", "plot")


def draw(
    path: str,
    panels: Sequence[Panel],
    replace: bool = True,
    *,
    columns: int = 2,
    legend: bool = False,
    caption: str = "",
) -> str:
    """Draw panels in rows; the suffix of the name sets the format.

    Panels with the same label of an axis share this axis. The same lines give the same file.

    Args:
        path: The picture.
        panels: What to draw.
        replace: Replace an existing file.
        columns: Panels per row.
        legend: Whether all panels share one legend, below them; else each has its own.
        caption: A text below all.

    Returns:
        The letters that no installed font has; empty if all are drawn.

    Raises:
        UsageError: matplotlib is not installed, or the file already exists and ``replace`` is
            false.
        OSError: The file cannot be written.
    """
    ticker = extra("matplotlib.ticker", "plot")
    text = "".join([caption, *(line.label for panel in panels for line in panel.lines)])
    return paint(
        path,
        lambda figure: arrange(figure, ticker, panels, columns, legend, caption),
        replace,
        text=text,
    )


def paint(
    path: str,
    painter: Callable[[Any], None],
    replace: bool = True,
    *,
    text: str = "",
    layout: str | None = "constrained",
    dark: bool = True,
) -> str:
    """Write a picture that a function draws on matplotlib's figure.

    Args:
        path: The file; its suffix sets the format.
        painter: Draws on the figure, and sets its size.
        replace: Replace an existing file.
        text: All letters in the picture, to find fonts for.
        layout: matplotlib's name of what arranges axes; ``None`` for nothing.
        dark: Whether an SVG is dark on a dark page; not if its text lies on colors.

    Returns:
        The letters that no installed font has.

    Raises:
        UsageError: As ``draw``.
        OSError: The file cannot be written.
    """
    matplotlib, figures = extra("matplotlib", "plot"), extra("matplotlib.figure", "plot")
    names, missing = families(text, extra("matplotlib.font_manager", "plot"))
    content, kind = io.BytesIO(), path.rpartition(".")[2]
    # PDF embeds parts of the fonts, and tells which tables of other tools are left out
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    with matplotlib.rc_context({**SETTINGS, "font.family": names}):
        figure = figures.Figure(layout=layout)
        painter(figure)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about letters that the fonts lack: they are returned
            figure.savefig(content, format=kind, dpi=DPI, metadata=NO_CLOCK.get(kind))
    picture = content.getvalue()
    os.makedirs(Path(path).parent, exist_ok=True)
    with whole_file(path, replace) as file:
        file.write(on_dark_pages(picture) if dark and kind == "svg" else picture)
    return missing
