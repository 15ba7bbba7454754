"""Scores of values that predict a property, fitted on one part of a text and taken on another."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.system.arrays import Array, Bools, Ids

RIDGE = 1e-3
"""Penalty of the regression on all units, per token, so that units that agree do no harm."""


class Scores(NamedTuple):
    """The scores of ``U`` columns of values, ``(U,)`` each."""

    fitted: Array  # on the part that they were fitted on
    held_out: Array  # on the other part
    signs: Array  # 1 where a column is higher where the property is


def areas(values: Array, x: Array, fit: Bools, held: Bools) -> Scores:
    """Return the areas under the ROC curve of the columns of ``x (n, U)``.

    An area is the probability that a column is higher, or lower if that is its sign, at a position
    that has the property than at one that has not; ties count half (Hanley and McNeil, 1982).

    Args:
        values: ``(n,)``, 0 or 1.
        x: ``(n, U)``.
        fit: The positions that tell each column's sign.
        held: Other positions.
    """
    fitted, other = area(values[fit] > 0, x[fit]), area(values[held] > 0, x[held])
    rises = fitted >= 0.5
    return Scores(
        np.maximum(fitted, 1 - fitted),
        np.where(rises, other, 1 - other),
        np.where(rises, 1, -1),
    )


def area(holds: Bools, x: Array) -> Array:
    """Return the area under the ROC curve of each column of ``x (n, U)``."""
    found = np.empty(x.shape[1])
    for k, column in enumerate(x.T):
        without, having = np.sort(column[~holds]), column[holds]
        below = np.searchsorted(without, having, "left") + np.searchsorted(without, having, "right")
        found[k] = below.mean() / (2 * len(without))
    return found


def explained(values: Array, x: Array, fit: Bools, held: Bools) -> Scores:
    """Return R2 of the line through each column: the share of the variance that it explains.

    Args:
        values: ``(n,)``, numbers.
        x: ``(n, U)``.
        fit: The positions that the lines are fitted on.
        held: Other positions; there R2 may be below 0.
    """
    a, y = x[fit].astype(np.float64), values[fit]
    mean, spread = a.mean(axis=0), a - a.mean(axis=0)
    power = (spread * spread).sum(axis=0)
    slope = spread.T @ (y - y.mean()) / np.where(power > 0, power, np.inf)

    def share(part: Bools) -> Array:
        left = values[part][:, np.newaxis] - y.mean() - slope * (x[part] - mean)
        total = ((values[part] - values[part].mean()) ** 2).sum()
        return np.asarray(1 - (left * left).sum(axis=0) / total)

    return Scores(share(fit), share(held), np.sign(slope))


def ridge(values: Array, x: Array, fit: Bools) -> Array:
    """Return the prediction ``(n,)`` of a linear function of all columns, fitted on a part."""
    a, y = x[fit].astype(np.float64), values[fit]
    mean = a.mean(axis=0)
    a = a - mean
    penalty = RIDGE * len(a) * np.eye(a.shape[1])
    weights = np.linalg.solve(a.T @ a + penalty, a.T @ (y - y.mean()))
    return np.asarray(np.nan_to_num((x - mean) @ weights + y.mean()))


def by_token(values: Array, ids: Ids, fit: Bools) -> Array:
    """Return the mean of the property per token ``(n,)``, from one part; the mean of all else."""
    size = int(ids.max()) + 1
    sums = np.bincount(ids[fit], values[fit], size)
    times = np.bincount(ids[fit], minlength=size)
    means = np.where(times > 0, sums / np.maximum(times, 1), values[fit].mean())
    return np.asarray(means[ids])
