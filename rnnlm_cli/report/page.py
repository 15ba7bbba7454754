"""Colored text on a page: what is where, before it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from rnnlm_cli.report.colors import Anchors, ink, shade
from rnnlm_cli.report.fonts import plain
from rnnlm_cli.system.width import display_width
from rnnlm_cli.text.codec.base import Codec

COLUMNS = 96
"""Columns of a page, as of a terminal."""

SMALL = 0.72
"""Size of the text below a cell, relative to its own."""

FONT, FONT_POINTS = "DejaVu Sans Mono", 10.75
COLUMN_INCHES = 0.09
"""Width of a column: that of a letter of ``FONT``, in whole pixels of a PNG."""

ROW_INCHES = 1.45 * FONT_POINTS / 72
EDGE_INCHES = 0.2

LINE_END, SPACE = "\u21b5", "\u00b7"
"""Signs for the end of a line, and for a space in the small text."""


class Cell(NamedTuple):
    """A colored piece of text with smaller text below it.

    Attributes:
        text: The text.
        value: From 0 to 1 on the color scale; ``None`` for no color.
        below: Lines below it.
        ends_line: Whether the text goes on in a new line.
    """

    text: str
    value: float | None
    below: Sequence[str] = ()
    ends_line: bool = False


class Box(NamedTuple):
    """A filled rectangle, in columns and rows from the top left corner."""

    x: float
    y: float
    width: float
    height: float
    color: str


class Words(NamedTuple):
    """A text; ``x`` is its left end, ``y`` its middle."""

    x: float
    y: float
    text: str
    size: float = 1.0  # relative to ``FONT_POINTS``
    color: str = "#000000"
    bold: bool = False


class Page(NamedTuple):
    """Boxes and texts on ``columns`` by ``rows``."""

    columns: float
    rows: float
    boxes: list[Box]
    words: list[Words]


class Writer:
    """Fills a page from the top."""

    def __init__(self, anchors: Anchors, columns: int = COLUMNS) -> None:
        """Begin a page with one color scale."""
        self._anchors, self._columns, self._y = anchors, columns, 0.0
        self._boxes: list[Box] = []
        self._words: list[Words] = []

    def heading(self, text: str, bold: bool = True) -> None:
        """Write lines of ordinary text."""
        for line in folded(text, self._columns):
            self._words.append(Words(0, self._y + 0.5, line, 1.0, bold=bold))
            self._y += 1.1

    def cells(self, cells: Iterable[Cell], gap: float = 0.0) -> None:
        """Write cells in rows, with ``gap`` columns between two; then leave a space."""
        self._y += 0.2
        row: list[Cell] = []
        used = 0.0
        for cell in cells:
            width = cell_width(cell) + gap
            if row and used + width > self._columns + gap:
                self._row(row, gap)
                row, used = [], 0.0
            row.append(cell)
            used += width
            if cell.ends_line:
                self._row(row, gap)
                row, used = [], 0.0
        if row:
            self._row(row, gap)
        self._y += 0.5

    def key(self, low: str, high: str, wide: int = 24) -> None:
        """Show the color scale, with what its ends mean."""
        y = self._y + 0.3
        x = display_width(low) + 1.0
        self._words.append(Words(0, y + 0.5, low))
        for k in range(wide):
            self._boxes.append(Box(x + k, y + 0.1, 1, 0.8, shade(k / (wide - 1), self._anchors)))
        self._words.append(Words(x + wide + 1, y + 0.5, high))
        self._y += 1.7

    @property
    def page(self) -> Page:
        """What was written, as wide as it is."""
        ends = [words.x + words.size * display_width(words.text) for words in self._words]
        return Page(max(ends, default=1.0), self._y, self._boxes, self._words)

    def _row(self, row: Sequence[Cell], gap: float) -> None:
        x, lines = 0.0, max(len(cell.below) for cell in row)
        for cell in row:
            width, color = cell_width(cell), "#000000"
            if cell.value is not None:
                fill = shade(cell.value, self._anchors)
                self._boxes.append(Box(x, self._y, width, 1, fill))
                color = ink(fill)
            self._words.append(Words(x, self._y + 0.5, cell.text, 1.0, color))
            for k, text in enumerate(cell.below):
                y = self._y + 1.45 + k * 0.8
                middle = (width - SMALL) / 2 if display_width(cell.text) == 1 == len(text) else 0
                self._words.append(Words(x + middle, y, text, SMALL, "#555555"))
            x += width + gap
        self._y += 1.12 + (0.8 * lines + 0.45 if lines else 0)


def cell_width(cell: Cell) -> float:
    """Return the columns that a cell takes."""
    return max([display_width(cell.text), *(SMALL * display_width(text) for text in cell.below)])


def shown(piece: str, line_end: str | None = None) -> str:
    """Return a token in one line: an end of line and a space have a sign each.

    >>> shown("word"), shown("<eos>", "<eos>"), shown(" "), shown(" word")
    ('word', '↵', '·', 'word')
    """
    if piece == line_end or (piece.isspace() and "\n" in piece):
        return LINE_END
    return SPACE if piece.isspace() else piece.strip()


def as_text(token: str, codec: Codec) -> str:
    """Return a token for the colored text, where a space is a space."""
    end = codec.line_end
    text = shown(token if token == end else codec.surface(token), end)
    return " " if text == SPACE else text


def folded(text: str, columns: int) -> list[str]:
    """Return a text in lines of at most ``columns`` columns, cut at spaces."""
    lines = [""]
    for word in text.split(" "):
        if lines[-1] and display_width(lines[-1]) + 1 + display_width(word) > columns:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines


def page_size(page: Page) -> tuple[float, float]:
    """Return width and height in inches."""
    return (
        page.columns * COLUMN_INCHES + 2 * EDGE_INCHES,
        page.rows * ROW_INCHES + 2 * EDGE_INCHES,
    )


def paint_page(figure: Any, page: Page) -> None:
    """Draw a page on a figure of matplotlib."""
    width, height = page_size(page)
    figure.set_size_inches(width, height)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    rows: dict[tuple[float, float], list[Box]] = {}
    for box in page.boxes:
        rows.setdefault((box.y, box.height), []).append(box)
    for (y, high), boxes in rows.items():
        axes.broken_barh(
            [(EDGE_INCHES + COLUMN_INCHES * b.x, COLUMN_INCHES * b.width) for b in boxes],
            (EDGE_INCHES + ROW_INCHES * y, ROW_INCHES * high),
            color=[box.color for box in boxes],
            linewidth=0.3,
        )
    for words in page.words:
        text = axes.text(
            EDGE_INCHES + COLUMN_INCHES * words.x,
            EDGE_INCHES + ROW_INCHES * words.y,
            plain(words.text),
            fontsize=FONT_POINTS * words.size,
            color=words.color,
            fontweight="bold" if words.bold else "normal",
            verticalalignment="center_baseline",
        )
        text.set_fontfamily([FONT, *text.get_fontfamily()])  # others for letters that it lacks
