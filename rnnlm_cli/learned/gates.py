"""Gates over time, and how often each is saturated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.excerpt import Excerpt
from rnnlm_cli.learned.units import traced
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.system.arrays import Array

SHUT, OPEN = 0.1, 0.9
"""A gate below or above them is saturated (Karpathy, Johnson and Fei-Fei, 2015)."""


class Gate(NamedTuple):
    """One gate of one layer, over a text.

    Attributes:
        layer: As in the names of the parameters: ``layer0``.
        gate: ``i``, ``f`` or ``o`` of an LSTM, ``r`` or ``z`` of a GRU.
        keeps: Whether it keeps memory when it is open.
        values: ``(n, H)`` from 0 to 1, at the first tokens of the text.
        shut: ``(H,)``, the share of the text at which each unit's gate is below ``SHUT``.
        open: ``(H,)``, the share at which it is above ``OPEN``.
        mean: ``(H,)``, its mean over the text.
    """

    layer: str
    gate: str
    keeps: bool
    values: Array
    shut: Array
    open: Array
    mean: Array


class Gates(NamedTuple):
    """All gates of a model over a text."""

    cell: str  # the cell's title
    tokens: list[str]  # (n,), those of ``values``
    read: int  # how many tokens the shares and means are over
    gates: list[Gate]


def read_gates(model: TrainedModel, excerpt: Excerpt, show: int) -> Gates:
    """Read a text, and return what the gates did.

    What multiplies as a gate is told by its values, all from 0 to 1; candidates (``g``, ``n``)
    come from tanh.

    Args:
        model: The model.
        excerpt: The text.
        show: How many of its first tokens to return the values of.

    Raises:
        UsageError: The model's cell has no gate.
    """
    cell = CELLS[model.config.model.cell]
    if len(cell.gates) < 2:
        raise UsageError(
            f"the cells of this model ({cell.title}) have no gates; see what its units do instead "
            "(rnnlm plot neurons), or use a model with model.cell: lstm or gru"
        )
    show = min(show, len(excerpt.ids))
    first: dict[tuple[str, str], Array] = {}
    sums: dict[tuple[str, str], Array] = {}
    lowest: dict[tuple[str, str], float] = {}
    count = 0
    for places, layers in traced(model, excerpt):
        count += len(places)
        for layer in layers:
            for gate, x in layer.gates.items():
                key = layer.name, gate
                if key not in sums:
                    first[key] = np.full((show, x.shape[1]), np.nan, np.float32)
                    sums[key], lowest[key] = np.zeros((3, x.shape[1])), np.inf
                shown = places < show
                first[key][places[shown]] = x[shown]
                lowest[key] = min(lowest[key], float(x.min(initial=np.inf)))
                sums[key] += [(x < SHUT).sum(axis=0), (x > OPEN).sum(axis=0), x.sum(axis=0)]
    found = [
        Gate(*key, key[1] == cell.keeps, first[key], *(sums[key] / count))
        for key in sums
        if lowest[key] >= 0
    ]
    return Gates(cell.title, excerpt.tokens[:show], count, found)


def layer_names(gates: Sequence[Gate]) -> list[str]:
    """Return the names of the layers, bottom first."""
    return list(dict.fromkeys(gate.layer for gate in gates))
