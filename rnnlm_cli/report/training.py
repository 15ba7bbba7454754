"""Learning curves from training logs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import NamedTuple

from rnnlm_cli.config.run_names import LOG
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.report.figure import Line, Panel
from rnnlm_cli.report.log import LogLine, measure_in, read_log


class Curves(NamedTuple):
    """A training's history."""

    path: str
    measure: Measure
    loss: list[tuple[float, float]]  # step and mean loss
    train: list[tuple[float, float]]  # epoch and figure
    valid: list[tuple[float, float]]

    @property
    def stem(self) -> str:
        """The log's name without directory and suffix."""
        return os.path.basename(self.path).removesuffix(".gz").removesuffix(LOG)


def read_curves(path: str) -> Curves:
    """Read a log, which may be compressed and end in ``.gz``.

    Raises:
        UsageError: There is no such file.
        RnnlmError: A line is not a valid log line, or there is nothing to draw.
    """
    events = read_log(path)
    steps = [e for e in events if e.event == "step" and is_drawable(e.nats_per_token)]
    # an epoch that was cut short by a limit is logged again when it is complete
    epochs = list({e.epoch: e for e in events if e.event == "epoch"}.values())
    within = [e for e in events if e.event == "validation"]
    if not steps and not epochs:
        raise RnnlmError(f"{path}: has no step and no epoch yet; train longer")
    measure = measure_in(epochs + within)
    return Curves(
        path=path,
        measure=measure,
        loss=[(e.step or 0, e.nats_per_token) for e in steps if e.nats_per_token is not None],
        train=_figures(epochs, measure.key("train")),
        valid=_figures(epochs + within, measure.key("valid")),
    )


def _figures(epochs: Sequence[LogLine], key: str) -> list[tuple[float, float]]:
    """Return epochs, in fractions within them, and figures under a key, if they can be drawn."""
    found = [(e.epoch - 1 + e.part, getattr(e, key)) for e in epochs]
    return sorted((place, value) for place, value in found if is_drawable(value))


def is_drawable(value: float | None) -> bool:
    """Whether there is a value, and it is small enough to draw."""
    return value is not None and abs(value) < 1e100


def training_panels(trainings: Sequence[Curves]) -> list[Panel]:
    """Return two panels: loss by step, and figures by epoch, one color per training."""
    losses, epochs = [], []
    stems = [curves.stem for curves in trainings]
    for color, curves in enumerate(trainings):
        name = curves.stem if stems.count(curves.stem) == 1 else curves.path
        losses.append(_line(name, curves.loss, "-", color))
        epochs.append(_line(f"{name}, train", curves.train, ":", color))
        epochs.append(_line(f"{name}, valid", curves.valid, "-", color))
    names = " or ".join(dict.fromkeys(curves.measure.name for curves in trainings))
    units = " or ".join(dict.fromkeys(curves.measure.unit for curves in trainings))
    return [
        Panel("training loss", "step", units, [line for line in losses if line.xs]),
        Panel(names, "epoch", names, [line for line in epochs if line.xs]),
    ]


def _line(label: str, points: Sequence[tuple[float, float]], style: str, color: int) -> Line:
    return Line(label, [x for x, _ in points], [y for _, y in points], style, color)
