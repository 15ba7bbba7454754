"""Learning curves of one or more trainings: what to draw."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.report.curves import Along, Curves
from rnnlm_cli.report.panels import Line, Panel
from rnnlm_cli.report.run_lines import Run

FEW = 4
"""At most this number of trainings have one panel for both losses, with each report."""

SMOOTHED_POINTS = 100
"""By default a smoothed curve has a hundredth of its points on each side of one."""

FIRST_PART = 0.1
"""The part of a training whose losses do not set the top of the panel."""

USUAL, WORSE = 0.8, 1.5
"""Losses higher by this factor than those of this share of the trainings are left out."""

MOST_DOTS = 60
"""Of the validations of one training."""

RATES_APART = 20.0
"""The ratio of two trainings' highest learning rates from which their axis is logarithmic."""

TIMES = ((3 * 3600, 3600, "hours of training"), (300, 60, "minutes of training"))
"""From which time on, divided by what, a time is in which unit."""


class Pictured(NamedTuple):
    """A picture of trainings: its panels, which share a legend, and its caption."""

    panels: list[Panel]
    caption: str


def training_picture(
    trainings: Sequence[Curves], along: Along = "step", smooth: int | None = None
) -> Pictured:
    """Return the curves of trainings, by step, token or second.

    Losses are drawn as the figures of the epochs, on one logarithmic axis. Trainings with different
    figures or different tokens are in panels of their own, since their figures cannot be compared.
    A color and a line style stand for a training in all panels, and among many also a number; the
    legend has its last figures.

    Args:
        trainings: The trainings.
        along: What the x axis counts.
        smooth: A point of a smoothed curve is the mean of a report and its neighbours, this number
            on each side; by default a hundredth of the curve, and 0 smooths nothing.

    Raises:
        UsageError: A log of an older version does not say how many of them each curve took.
    """
    for curves in trainings:
        if not any(series.along(along)[0] for series in (curves.loss, curves.valid, curves.train)):
            raise UsageError(f"{curves.path}: does not say its {along}s; use another x axis")
    scale, x_label = _x_axis(trainings, along)
    runs = _runs(trainings, along, scale, smooth)
    panels: list[Panel] = []
    for kind in dict.fromkeys(run.kind for run in runs):
        group = [run for run in runs if run.kind == kind]
        panels += _figure_panels(group, x_label, len(runs) > FEW)
    panels += _other_panels(runs, x_label)
    caption = _caption(runs, panels)
    return Pictured([panel for panel in panels if panel.lines], caption)


def _runs(trainings: Sequence[Curves], along: Along, scale: float, smooth: int | None) -> list[Run]:
    """Return the trainings, of each kind the one with the best validation first."""
    stems = [curves.stem for curves in trainings]
    kinds = list(dict.fromkeys((curves.measure.name, curves.unit) for curves in trainings))

    def rank(curves: Curves) -> tuple[int, float]:
        best = math.inf
        if curves.best is not None:
            best = curves.measure.cost(curves.valid.values[curves.best])
        return kinds.index((curves.measure.name, curves.unit)), best

    return [
        Run(
            curves,
            curves.stem if stems.count(curves.stem) == 1 else curves.path,
            number,
            along,
            scale,
            len(curves.loss.values) // SMOOTHED_POINTS if smooth is None else smooth,
        )
        for number, curves in enumerate(sorted(trainings, key=rank))
    ]


def _x_axis(trainings: Sequence[Curves], along: Along) -> tuple[float, str]:
    """Return the unit of the x axis, and its label."""
    if along == "token":
        counted = dict.fromkeys(f"{curves.measure.counted}s" for curves in trainings)
        return 1.0, " or ".join(counted)
    if along == "step":
        return 1.0, "steps"
    longest = max(
        (
            x
            for curves in trainings
            for series in (curves.loss, curves.valid, curves.train)
            for x in series.along(along)[0]
        ),
        default=0.0,
    )
    found = ((size, name) for least, size, name in TIMES if longest >= least)
    return next(found, (1.0, "seconds of training"))


def _figure_panels(group: Sequence[Run], x_label: str, many: bool) -> list[Panel]:
    """Return the panels of losses and validations of comparable trainings."""
    losses = [list(_losses(run, many)) for run in group]
    validations = [
        list(_validations(run, many, label=not lines))
        for run, lines in zip(group, losses, strict=True)
    ]
    train, valid = list(chain(*losses)), list(chain(*validations))
    measure, unit = group[0].curves.measure, group[0].curves.unit
    if measure.of_training is not measure:
        return _two_panels(measure, train, valid, x_label, _limits(losses), many)
    name = measure.name
    each = f" per token, unit {unit}" if unit else ""
    label = f"{name} ({unit})" if unit else name  # panels with the same one share the axis
    limits = _limits([a + b for a, b in zip(losses, validations, strict=True)])
    if not many:
        both = " and validation" if train and valid else ""
        title = f"{name}{each}: {'training' if train else 'validation'}{both}"
        return [Panel(title, x_label, label, train + valid, True, limits=limits, wide=True)]
    return [
        Panel(f"{title}: {name}{each}", x_label, label, lines, True, limits=limits, height=4.4)
        for title, lines in (("training", train), ("validation", valid))
    ]


def _two_panels(
    measure: Measure,
    train: list[Line],
    valid: list[Line],
    x_label: str,
    limits: tuple[float, float] | None,
    many: bool,
) -> list[Panel]:
    """Return the panels of trainings whose losses are not what they are validated by."""
    own, size = measure.of_training, {"height": 4.4} if many else {"wide": True}
    loss = f"{own.name} per {measure.counted}"
    return [
        Panel(f"training: {loss}", x_label, loss, train, True, None, limits, **size),
        Panel(f"validation: {measure.name}", x_label, measure.name, valid, False, **size),
    ]


def _losses(run: Run, many: bool) -> Iterator[Line]:
    """Yield the curves of a training's losses; the last one has the label."""
    *raw, smooth = run.reports(run.curves.loss, raw=not many, exp=True)
    smooth = smooth._replace(label=run.label(many), tag=run.tag(many))
    return (line for line in (*raw, smooth) if line.xs)


def _validations(run: Run, many: bool, label: bool) -> Iterator[Line]:
    """Yield the curve of a training's validations, with the label if the losses do not have it."""
    line = run.line(run.curves.valid, tag=run.tag(many))
    if line.ys:
        star = run.curves.measure.best_of(line.ys)
        line = line._replace(star=star, dots=len(line.ys) <= MOST_DOTS)
        yield line._replace(label=run.label(many) if label else "")


def _other_panels(runs: Sequence[Run], x_label: str) -> list[Panel]:
    """Return the panels of learning rates and of gradient norms."""
    raw = len(runs) <= FEW
    rates = [run.line(run.curves.learning_rate, width=1.2) for run in runs]
    rates = [line for line in rates if line.xs]
    norms = [line for run in runs for line in run.reports(run.curves.gradient_norm, raw) if line.xs]
    highest = [max(line.ys) for line in rates]
    apart = bool(rates) and 0 < min(highest) * RATES_APART < max(highest)
    return [
        Panel("learning rate", x_label, "learning rate", rates, apart),
        Panel("gradient norm before clipping", x_label, "L2 norm", norms, True),
    ]


def _limits(runs: Sequence[Sequence[Line]]) -> tuple[float, float] | None:
    """Return limits that leave out losses of the first steps and of the worst trainings.

    The figures that people compare are those at the end, which else would share a small part of the
    panel. ``None`` if little would be gained.
    """
    highest = sorted(max(map(_highest, lines)) for lines in runs if lines)
    if not highest:
        return None
    usual = highest[math.ceil(len(highest) * USUAL) - 1]
    top = usual if highest[-1] > WORSE * usual else highest[-1]
    every = [line for lines in runs for line in lines]
    low, high = min(min(line.ys) for line in every), max(max(line.ys) for line in every)
    return None if high <= WORSE * top or low >= top else (low / 1.06, top * 1.1)


def _highest(line: Line) -> float:
    """Return the highest value of a curve after the first part of its training."""
    late = FIRST_PART * line.xs[-1]
    shown = (y for x, y in zip(line.xs, line.ys, strict=True) if line.star is not None or x >= late)
    return max(shown) if line.opacity == 1 else 0.0


def _caption(runs: Sequence[Run], panels: Sequence[Panel]) -> str:
    """Say what the lines are, and what is left out."""
    said = []
    means = sorted({2 * run.neighbours + 1 for run in runs if run.curves.loss.values})
    if means and means[-1] > 1:
        over = f"{means[0]}" if len(means) == 1 else f"{means[0]} to {means[-1]}"
        faint = "; faint: each report." if len(runs) <= FEW else "."
        said.append(f"Losses and norms are means over {over} reports{faint}")
    if any(run.curves.best is not None for run in runs):
        said.append("Dots: validations. Star: the best one.")
    if len(runs) > 1 and not all(run.curves.unit for run in runs):
        said.append("Logs of older versions do not say what a token is.")
    if any(panel.limits for panel in panels):
        above = {
            int(line.tag): line
            for panel in panels
            if panel.limits
            for line in panel.lines
            if line.tag and line.ys[-1] > panel.limits[1]
        }
        worst = f", and runs {', '.join(map(str, sorted(above)))} to the end" if above else ""
        said.append(f"Losses of the first steps are above the top{worst}.")
    return " ".join(said)
