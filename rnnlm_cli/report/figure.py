"""Drawing curves into a picture file."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnlm_cli.errors import UsageError
from rnnlm_cli.system.optional import extra
from rnnlm_cli.system.whole_file import whole_file

ENDINGS = (".png", ".svg")

LONE_POINTS = {"-": "o", ":": "x", "--": "s"}
"""The marker of a curve with a single point, by line style."""


class Line(NamedTuple):
    """A curve."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]
    style: str = "-"
    color: int = 0  # number of the color


class Panel(NamedTuple):
    """A pair of axes with curves."""

    title: str
    x_label: str
    y_label: str
    lines: Sequence[Line]
    logarithmic: bool = False


def check_picture(path: str) -> None:
    """Check, before any work, that a picture of this name can be drawn.

    Raises:
        UsageError: Its suffix is not in ``ENDINGS``, or matplotlib is not installed.
    """
    if not path.endswith(ENDINGS):
        raise UsageError(
            f"expected a name that ends in {' or '.join(ENDINGS)}", field="out", place=path
        )
    extra("matplotlib", "plot")


def draw(path: str, panels: Sequence[Panel], replace: bool = True) -> None:
    """Draw panels side by side; the suffix of the name sets the format.

    Panels with the same y label share the y axis. The same lines give the same file.

    Raises:
        UsageError: matplotlib is not installed, or the file already exists and ``replace`` is
            false.
        OSError: The file cannot be written.
    """
    matplotlib, figures = extra("matplotlib", "plot"), extra("matplotlib.figure", "plot")
    with matplotlib.rc_context({"svg.hashsalt": "rnnlm", "svg.fonttype": "none"}):
        figure = figures.Figure(figsize=(5.2 * len(panels), 4.2), layout="constrained")
        alike = len({panel.y_label for panel in panels}) == 1
        row = figure.subplots(1, len(panels), sharey=alike, squeeze=False)[0]
        for axes, panel in zip(row, panels, strict=True):
            _draw_panel(axes, panel)
            axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        content = io.BytesIO()
        kind = path.rpartition(".")[2]
        clock: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about characters that the font lacks
            figure.savefig(content, format=kind, dpi=150, **clock)
    os.makedirs(Path(path).parent, exist_ok=True)
    with whole_file(path, replace) as file:
        file.write(content.getvalue())


def _draw_panel(axes: Any, panel: Panel) -> None:
    axes.set_title(panel.title)
    axes.set_xlabel(panel.x_label)
    axes.set_ylabel(panel.y_label)
    if panel.logarithmic:
        axes.set_yscale("log")
    for line in panel.lines:
        marker = LONE_POINTS[line.style] if len(line.xs) == 1 else ""
        axes.plot(
            line.xs, line.ys, line.style, marker=marker, label=plain(line.label), color=color(line)
        )
    axes.grid(alpha=0.3)
    if panel.lines:
        axes.legend()


def plain(label: str) -> str:
    """Return a label that matplotlib reads as plain text: no formula, not hidden."""
    escaped = label.replace("$", r"\$")
    return f" {escaped}" if escaped.startswith("_") else escaped


def color(line: Line) -> str:
    """Return matplotlib's name of a curve's color."""
    return f"C{line.color}"


def paint(
    path: str,
    size: tuple[float, float],
    painter: Callable[[Any], None],
    replace: bool = True,
    layout: str | None = None,
) -> None:
    """Draw a picture with a function of one's own.

    Args:
        path: The file; its suffix sets the format.
        size: Width and height in inches.
        painter: Draws on a figure of matplotlib.
        replace: Whether the file may exist.
        layout: matplotlib's name of what arranges axes.

    Raises:
        UsageError: matplotlib is not installed, or the file already exists and ``replace`` is
            false.
        OSError: The file cannot be written.
    """
    matplotlib, figures = extra("matplotlib", "plot"), extra("matplotlib.figure", "plot")
    with matplotlib.rc_context({"svg.hashsalt": "rnnlm", "svg.fonttype": "none"}):
        figure = figures.Figure(figsize=size, layout=layout)
        painter(figure)
        content = io.BytesIO()
        kind = path.rpartition(".")[2]
        clock: dict[str, Any] = {"metadata": {"Date": None}} if kind == "svg" else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about characters that the font lacks
            figure.savefig(content, format=kind, dpi=150, **clock)
    os.makedirs(Path(path).parent, exist_ok=True)
    with whole_file(path, replace) as file:
        file.write(content.getvalue())
