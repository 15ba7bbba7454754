"""A training's history from its log, as plain values."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from rnnlm_cli.config.run_names import LOG
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.report.log import LogLine, measure_in, read_log, validations

Along = Literal["step", "token", "second"]
"""What the x axis of a curve counts."""

UNKNOWN = math.nan


class Place(NamedTuple):
    """How far a training was; NaN where a log does not say."""

    step: float
    token: float  # trained targets, of all epochs
    second: float  # of training, summed over all its runs


class Series(NamedTuple):
    """Values, and how far the training was at each."""

    places: Sequence[Place]
    values: Sequence[float]

    def along(self, axis: Along) -> tuple[list[float], list[float]]:
        """Return x and y of each value whose x is known."""
        pairs = zip(self.places, self.values, strict=True)
        known = [(x, y) for place, y in pairs if math.isfinite(x := getattr(place, axis))]
        return [x for x, _ in known], [y for _, y in known]


@dataclass(frozen=True)
class Curves:
    """A training's history.

    Attributes:
        path: The log.
        measure: What the figures of its epochs are.
        unit: What a token is (``corpus.unit``); empty in logs of versions that did not record it.
        loss: Mean nats per target since the report before.
        gradient_norm: Of the last block before a report, before clipping.
        learning_rate: Of the last step before a report.
        train: Figures of epochs, over the whole epoch, while the weights changed.
        valid: Figures of validations, at the ends of epochs and within them.
        epochs: For each of ``valid`` the epoch, with a fraction within it.
    """

    path: str
    measure: Measure
    unit: str
    loss: Series
    gradient_norm: Series
    learning_rate: Series
    train: Series
    valid: Series
    epochs: Sequence[float]

    @property
    def stem(self) -> str:
        """The log's name without directory and suffix."""
        return os.path.basename(self.path).removesuffix(".gz").removesuffix(LOG)

    @property
    def best(self) -> int | None:
        """The index of the best validation; ``None`` if there is none."""
        return self.measure.best_of(self.valid.values)


def read_curves(path: str) -> Curves:
    """Read a log, which may be compressed and end in ``.gz``.

    Raises:
        UsageError: There is no such file.
        RnnlmError: A line is not a valid log line, or there is nothing to draw.
    """
    lines = read_log(path)
    start = next((line for line in lines if line.event == "start"), None)
    reports, places = _reports(lines)
    ends = validations(lines)
    if not reports and not ends:
        raise RnnlmError(f"{path}: has no step and no epoch yet; train longer")
    at = _places_of(ends, lines, places)
    measure = measure_in(ends)
    # the mean of an epoch belongs to its end; a validation within it has only a part of it
    train = [e for e in ends if e.event == "epoch"]
    valid = [e for e in ends if is_drawable(getattr(e, measure.key("valid")))]
    return Curves(
        path=path,
        measure=measure,
        unit=start.unit if start else "",
        loss=_series(reports, places, lambda e: e.nats_per_token),
        gradient_norm=_series(reports, places, lambda e: e.gradient_norm),
        learning_rate=_series(reports, places, lambda e: e.learning_rate),
        train=_series(train, map(at, train), lambda e: getattr(e, measure.key("train"))),
        valid=_series(valid, map(at, valid), lambda e: getattr(e, measure.key("valid"))),
        epochs=[e.epoch - 1 + e.part for e in valid],
    )


def _reports(lines: Sequence[LogLine]) -> tuple[list[LogLine], list[Place]]:
    """Return the reports, and the place of each.

    The tokens between two reports are speed times time. After a rollback the time between them
    includes the lost steps; the tokens per step are then those of the reports before.
    """
    reports, places = [], []
    before, tokens_per_step, went_back = Place(0, 0, 0), UNKNOWN, False
    for line in lines:
        went_back = went_back or line.event == "rollback"
        if line.event != "step" or line.step is None:
            continue
        second = UNKNOWN if line.seconds is None else line.seconds
        if line.tokens_per_second is not None and not went_back and line.step > before.step:
            tokens = line.tokens_per_second * (second - before.second)
            tokens_per_step = tokens / (line.step - before.step)
        went_back = False
        token = before.token + tokens_per_step * (line.step - before.step)
        before = Place(line.step, round(token) if math.isfinite(token) else token, second)
        reports.append(line)
        places.append(before)
    return reports, places


def _places_of(
    ends: Sequence[LogLine], lines: Sequence[LogLine], places: Sequence[Place]
) -> Callable[[LogLine], Place]:
    """Return a function that tells the place of the end of an epoch or a validation.

    Logs of older versions do not have its step. There, the steps of an epoch are known from the
    last report before each end, to within the steps between two reports.
    """
    step, last = 0.0, {}
    for line in lines:
        step = line.step if line.event == "step" and line.step is not None else step
        last[id(line)] = step
    done = {id(e): e.epoch - 1 + e.part for e in ends}
    per_epoch = max((last[i] / epochs for i, epochs in done.items() if epochs > 0), default=0.0)
    steps = [0.0, *(place.step for place in places)]
    tokens = [0.0, *(place.token for place in places)]

    def at(line: LogLine) -> Place:
        step = line.step if line.step is not None else round(per_epoch * done[id(line)])
        beyond = step - steps[-1]  # after the last report, at its tokens per step
        token = np.interp(step, steps, tokens) if step else 0.0
        if beyond > 0:
            token += beyond * tokens[-1] / steps[-1] if steps[-1] else UNKNOWN
        second = UNKNOWN if line.seconds is None else line.seconds
        return Place(step or UNKNOWN, float(token) or UNKNOWN, second)

    return at


def _series(
    lines: Sequence[LogLine],
    places: Iterable[Place],
    value: Callable[[LogLine], float | None],
) -> Series:
    """Return the values of lines that can be drawn."""
    found = [
        (place, figure)
        for line, place in zip(lines, places, strict=True)
        if is_drawable(figure := value(line)) and figure is not None
    ]
    return Series([place for place, _ in found], [figure for _, figure in found])


def is_drawable(value: float | None) -> bool:
    """Whether there is a value, and it is small enough to draw."""
    return value is not None and abs(value) < 1e100


def smoothed(values: Sequence[float], neighbours: int) -> list[float]:
    """Return the mean of each value and its neighbours on each side; at the ends there are fewer.

    >>> smoothed([1.0, 2.0, 6.0, 4.0], 1)
    [1.5, 3.0, 4.0, 5.0]
    """
    sums = np.concatenate([[0.0], np.cumsum(np.asarray(values, np.float64))])
    at = np.arange(len(values))
    first, end = np.maximum(at - neighbours, 0), np.minimum(at + neighbours + 1, len(values))
    means: list[float] = ((sums[end] - sums[first]) / (end - first)).tolist()
    return means
