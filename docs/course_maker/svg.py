"""Drawings in SVG: shapes and words, in colors that suit a light and a dark page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

COLORS = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "soft": ("#6e7781", "#9198a1"),
    "grid": ("#d0d7de", "#30363d"),
    "blue": ("#0969da", "#58a6ff"),
    "orange": ("#bc4c00", "#f0883e"),
    "green": ("#1a7f37", "#3fb950"),
    "red": ("#cf222e", "#ff7b72"),
    "violet": ("#8250df", "#bc8cff"),
    "blue-tint": ("#ddf4ff", "#12304f"),
    "orange-tint": ("#fff1e5", "#4a2408"),
    "green-tint": ("#dafbe1", "#123d1f"),
    "red-tint": ("#ffebe9", "#4d1518"),
    "violet-tint": ("#fbefff", "#34215a"),
    "grey-tint": ("#f6f8fa", "#21262d"),
}
"""On a light page, and on a dark one."""

FONT = "font-family:system-ui,'Noto Sans','Noto Sans KR',sans-serif"

Point = tuple[float, float]


class Drawing:
    """Shapes on paper of a size; the last lies on top."""

    def __init__(self, width: float, height: float, title: str) -> None:
        """Begin with empty paper; the title is what a screen reader says."""
        self.width, self.height, self.title = width, height, title
        self._shapes: list[str] = []
        self.rect(0, 0, width, height, "paper", "", 0)

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "grey-tint",
        line: str = "soft",
        radius: float = 4,
    ) -> None:
        """Draw a rectangle from its upper left corner."""
        self._shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius:g}" '
            f'class="f-{fill or "none"} l-{line or "none"}"/>'
        )

    def circle(self, x: float, y: float, radius: float, fill: str, line: str = "soft") -> None:
        """Draw a circle around a point."""
        self._shapes.append(
            f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" class="f-{fill} l-{line or "none"}"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        color: str = "ink",
        size: float = 14,
        anchor: str = "middle",
        bold: bool = False,
        turned: bool = False,
    ) -> None:
        """Write a text whose middle (or ``anchor``) is at a point; ``a_t`` has a low ``t``."""
        down, small = size * 0.25, size * 0.72

        def low(found: re.Match[str]) -> str:
            index = f'<tspan dy="{down:g}" font-size="{small:g}">{found[1]}</tspan>'
            return f'{index}<tspan dy="{-down:g}">\u200b</tspan>'

        parts = re.sub(r"_(\w+)", low, escape(text))
        weight = ' font-weight="600"' if bold else ""
        turn = f' transform="rotate(-90 {x:g} {y:g})"' if turned else ""
        self._shapes.append(
            f'<text x="{x:g}" y="{y + size * 0.35:g}" font-size="{size:g}" '
            f'text-anchor="{anchor}" class="f-{color}"{weight}{turn}>{parts}</text>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, text: str, color: str = "grey"
    ) -> None:
        """Draw a rectangle around its middle, with a text in it."""
        line = "soft" if color == "grey" else color
        self.rect(x - width / 2, y - height / 2, width, height, f"{color}-tint", line)
        self.text(x, y, text)

    def line(
        self,
        points: Sequence[Point],
        color: str = "soft",
        width: float = 1.5,
        dashed: bool = False,
        arrow: bool = False,
    ) -> None:
        """Draw a line through points, with a head at its end if it is an arrow."""
        route = " ".join(f"{x:.5g},{y:.5g}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        head = f' marker-end="url(#head-{color})"' if arrow else ""
        self._shapes.append(
            f'<polyline points="{route}" class="f-none l-{color}" stroke-width="{width:g}"'
            f"{dash}{head}/>"
        )

    def arrow(self, *points: Point, color: str = "soft", dashed: bool = False) -> None:
        """Draw an arrow through points."""
        self.line(points, color, dashed=dashed, arrow=True)

    def shade(self, x: float, y: float, width: float, height: float, share: float) -> None:
        """Draw a cell of a heat map: from 0, paper, to 1, blue."""
        self._shapes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" class="f-blue" '
            f'fill-opacity="{min(max(share, 0), 1):.3g}"/>'
        )

    def svg(self) -> str:
        """Return the file's content."""
        shapes = "\n".join(self._shapes)
        heads = "".join(
            f'<marker id="head-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            f'markerHeight="7" orient="auto-start-reverse">'
            f'<path d="M0,0L8,4L0,8z" class="f-{name}"/></marker>'
            for name in COLORS
            if f"url(#head-{name})" in shapes
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} '
            f'{self.height:g}" width="{self.width:g}" height="{self.height:g}" role="img" '
            f'style="{FONT}">\n<title>{escape(self.title)}</title>\n<style>{style(shapes + heads)}'
            f"</style>\n<defs>{heads}</defs>\n{shapes}\n</svg>\n"
        )


def style(used: str) -> str:
    """Return the rules for the colors that some shapes have."""

    def rules(page: int) -> str:
        return "".join(
            f".{kind}-{name}{{{what}:{colors[page]}}}"
            for name, colors in COLORS.items()
            for kind, what in (("f", "fill"), ("l", "stroke"))
            if f'{kind}-{name}"' in used or f"{kind}-{name} " in used
        )

    none = ".f-none{fill:none}.l-none{stroke:none}"
    return f"{none}{rules(0)}@media (prefers-color-scheme:dark){{{rules(1)}}}"
