"""Units that keep track of a property of the text, found by a score on a part held out.

Karpathy, Johnson and Fei-Fei (2015) found by eye cells that are active inside quotations or count
the characters of a line. Here the units are ranked on the first part of a text, and the score that
is reported is that of the rest, which has no part in the choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.excerpt import Excerpt, written
from rnnlm_cli.learned.properties import Property, property_named
from rnnlm_cli.learned.scores import areas, by_token, explained, ridge
from rnnlm_cli.learned.units import Units, unit_values
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array

FITTED = 2 / 3
"""The part of a text that units are chosen on; the rest is held out."""

LEAST = 30
"""Positions of each part, and of each answer in it, below which a score says nothing."""


class ScoredUnit(NamedTuple):
    """One unit."""

    name: str
    score: float  # on the held-out part
    fitted: float  # on the part it was chosen on
    rises: bool  # whether it is higher where the property holds, or is larger


class Found(NamedTuple):
    """The units that predict a property best.

    Scores are areas under the ROC curve for a property that holds or not: the probability that the
    unit is higher at a position that has it than at one that has not (0.5: it says nothing). For a
    number they are R2 of a line through the unit's value: the share of the variance that it
    explains (0: it says nothing).

    Attributes:
        find: The property's name.
        meaning: The property in words.
        measure: ``AUC`` or ``R2``.
        units: The best units of the fitted part, the best first.
        all_units: The score of a linear function of all units together, held out.
        token_alone: The score of the current token alone, held out: what needs no memory.
        tokens: How many tokens were looked at.
        held_out: The first token of the held-out part.
        look_at: A place in the held-out part to look at: the beginning of a line, soon before the
            property holds.
        share: The share of the held-out positions with the property; ``None`` for a number.
    """

    find: str
    meaning: str
    measure: str
    units: list[ScoredUnit]
    all_units: float
    token_alone: float
    tokens: int
    held_out: int
    look_at: int
    share: float | None


def find_units(
    model: TrainedModel, excerpt: Excerpt, find: str, top: int, units: Units | None = None
) -> Found:
    """Find the units that predict a property best.

    Args:
        model: The model.
        excerpt: The text; some thousand tokens.
        find: A key of ``PROPERTIES``.
        top: How many units to return.
        units: Their values over the text, if they are known.

    Raises:
        UsageError: There is no such property, or it hardly varies in this text.
    """
    kind = property_named(find)
    values = kind.values(written(model, excerpt.tokens))
    units = units or unit_values(model, excerpt)
    seen = ~np.isnan(values) & ~np.isnan(units.values).any(axis=1)
    first = np.arange(len(values)) < FITTED * len(values)
    fit, held = seen & first, seen & ~first
    for part, said in ((fit, "first"), (held, "last")):
        _check_varies(find, kind, values[part], said)
    score = areas if kind.yes_or_no else explained
    fitted, scores, signs = score(values, units.values, fit, held)
    order = np.argsort(-fitted, kind="stable")[:top]
    together = ridge(values, units.values, fit)[:, np.newaxis]
    alone = by_token(values, excerpt.ids, fit)[:, np.newaxis]
    held_out = int(np.flatnonzero(~first)[0])
    return Found(
        find,
        kind.meaning,
        "AUC" if kind.yes_or_no else "R2",
        [
            ScoredUnit(units.names[k], float(scores[k]), float(fitted[k]), bool(signs[k] > 0))
            for k in order
        ],
        float(score(values, together, fit, held)[1][0]),
        float(score(values, alone, fit, held)[1][0]),
        len(excerpt.ids),
        held_out,
        _place_to_look_at(model, excerpt, values, held_out),
        float(values[held].mean()) if kind.yes_or_no else None,
    )


def slowest(units: Units, count: int) -> list[str]:
    """Return the units that keep their value longest: of the highest correlation with the next.

    They are what is worth looking at in a text before one knows what to look for.
    """
    x = units.values[~np.isnan(units.values).any(axis=1)].astype(np.float64)
    if len(x) < 3:
        return units.names[:count]
    x = x - x.mean(axis=0)
    power = (x * x).sum(axis=0)
    kept = (x[1:] * x[:-1]).sum(axis=0) / np.where(power > 0, power, np.inf)
    return [units.names[k] for k in np.argsort(-kept, kind="stable")[:count]]


def _place_to_look_at(model: TrainedModel, excerpt: Excerpt, values: Array, held_out: int) -> int:
    """Return where a line begins, not long before a property first holds."""
    holds = np.flatnonzero(np.nan_to_num(values[held_out:]) > 0)
    place = held_out + int(holds[0]) if len(holds) else held_out
    end = model.codec.line_end
    begins = [k + 1 for k in range(held_out, len(excerpt.tokens)) if excerpt.tokens[k] == end]
    before = [k for k in begins if k <= place]
    return before[-2:][0] if before else (begins or [held_out])[0]


def _check_varies(find: str, kind: Property, values: Array, said: str) -> None:
    fewest = len(values)
    if kind.yes_or_no:
        fewest = int(min((values > 0).sum(), (values == 0).sum()))
    elif len(values) and values.min() == values.max():
        fewest = 0
    if fewest < LEAST:
        raise UsageError(
            f"the {said} part of the text has only {fewest} positions that tell "
            f"({kind.meaning}), and {LEAST} are needed",
            field="find",
            place=find,
            remedy="use a longer text, a larger {tokens} or another property",
        )


def check_units(names: Sequence[str], known: Sequence[str]) -> None:
    """Check the names of units.

    Raises:
        UsageError: The model has no unit of such a name.
    """
    for name in names:
        if name not in known:
            raise UsageError(
                f"the model has no such unit; they are {known[0]} to {known[-1]}",
                field="unit",
                place=repr(name),
            )
