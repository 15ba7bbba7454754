"""Values of a trial, drawn by Optuna: its names for axes and values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rnnlm_cli.search.axis import Axis, Draw
from rnnlm_cli.search.space import Space, Values


def suggesting(trial: Any) -> Draw:
    """Return what draws a value of an axis by Optuna."""

    def draw(axis: Axis) -> Any:
        if not axis.is_range:
            labels = _labels(axis.values)
            return axis.values[labels.index(trial.suggest_categorical(axis.key, labels))]
        if axis.whole:
            step = 1 if axis.step is None else int(axis.step)
            number = trial.suggest_int(
                axis.key, int(axis.low), int(axis.high), step=step, log=axis.log
            )
        else:
            number = trial.suggest_float(
                axis.key, axis.low, axis.high, step=axis.step, log=axis.log
            )
        return axis.rounded(number)

    return draw


def as_params(space: Space, values: Values) -> dict[str, Any]:
    """Return values of a trial under Optuna's names."""
    axes = {axis.key: axis for axis in space.axes}
    return {
        key: value
        if axes[key].is_range
        else _labels(axes[key].values)[axes[key].values.index(value)]
        for key, value in values.items()
    }


def _labels(values: Sequence[Any]) -> list[Any]:
    """Return Optuna's name of each value, which is text or a number, as its tools show it.

    >>> _labels((128, 256)), _labels(("lstm", "gru")), _labels((None, 0.25))
    ([128, 256], ['lstm', 'gru'], ['null', '0.25'])
    """
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if numbers or all(isinstance(v, str) for v in values):
        return list(values)
    return [json.dumps(value) for value in values]
