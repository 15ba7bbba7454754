"""A training in a picture: its look, its curves, its entry in the legend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.report.curves import Along, Curves, Series, is_drawable, smoothed
from rnnlm_cli.report.panels import COLORS, Line
from rnnlm_cli.report.table import figure

STYLES = ("-", (0, (5, 1.5)), (0, (1, 1.2)), (0, (4, 1, 1, 1)))
"""Line styles; when all colors are used, they are used again with the next style."""


@dataclass(frozen=True)
class Run:
    """A training with its look in a picture.

    Attributes:
        curves: Its history.
        name: Its name in the legend.
        number: From 0; it stands for a color and a line style.
        along: What the x axis counts.
        scale: The unit of the x axis.
        neighbours: On each side of a report, the reports to average it with.
    """

    curves: Curves
    name: str
    number: int
    along: Along
    scale: float
    neighbours: int

    @property
    def kind(self) -> tuple[str, str]:
        """What its figures are; those of one kind can be compared."""
        return self.curves.measure.name, self.curves.unit

    def line(self, series: Series, **look: Any) -> Line:
        """Return a curve of this training."""
        xs, ys = series.along(self.along)
        style = STYLES[self.number // len(COLORS) % len(STYLES)]
        line = Line("", [x / self.scale for x in xs], ys, style, self.number % len(COLORS))
        return line._replace(**look)

    def reports(self, series: Series, raw: bool, exp: bool = False) -> Iterator[Line]:
        """Yield the smoothed values of reports, after the values themselves if ``raw``.

        With ``exp`` the values are losses, and their perplexities are drawn.
        """
        places = series.places
        if raw and self.neighbours:
            yield self.line(_drawable(places, series.values, exp), width=0.6, opacity=0.3)
        means = smoothed(series.values, self.neighbours)
        yield self.line(_drawable(places, means, exp), width=1.1)

    def tag(self, many: bool) -> str:
        """Return its number, which is beside its curves among many."""
        return str(self.number + 1) if many else ""

    def label(self, many: bool) -> str:
        """Return its name with its last figures, and its number among many."""
        found, said = self.curves, []
        if found.train.values:
            said.append(f"train {figure(found.train.values[-1])}")
        if found.best is not None:
            epoch, best = found.epochs[found.best], found.valid.values[found.best]
            shown = figure(best, f",{found.measure.form}")
            said.append(f"best valid {shown} (epoch {round(epoch, 2):g})")
        name = f"{self.number + 1:\u2007>2}  {self.name}" if many else self.name
        return f"{name}: {', '.join(said)}" if said else name


def _drawable(places: Sequence[Any], values: Sequence[float], exp: bool) -> Series:
    found = [perplexity(value, 1) for value in values] if exp else values
    kept = [pair for pair in zip(places, found, strict=True) if is_drawable(pair[1])]
    return Series([place for place, _ in kept], [value for _, value in kept])
