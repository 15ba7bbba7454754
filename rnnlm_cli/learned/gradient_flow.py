"""How far a gradient gets back through time in a trained model that reads a text."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.learned.excerpt import Excerpt
from rnnlm_cli.learned.memory import check_reads_on
from rnnlm_cli.model.layers import output_size
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.cells import CELLS
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids

STEPS = Range(2, 1_000, whole=True)
"""How many steps back."""

WINDOWS = 20
"""Parts of the text that are read, at most."""


class LayerFlow(NamedTuple):
    """The gradient with respect to one part of a layer's state.

    Attributes:
        layer: As in the names of the parameters: ``layer0``.
        part: ``h``, or ``c`` of an LSTM.
        norms: Mean L2 norms, from one step back.
    """

    layer: str
    part: str
    norms: list[float]

    @property
    def factor(self) -> float | None:
        """By what a step multiplies the norm: the geometric mean over the second half.

        ``None`` if there is no gradient left.
        """
        half = len(self.norms) // 2
        first, last = self.norms[half - 1], self.norms[-1]
        if not (0 < first < math.inf and 0 < last < math.inf):
            return None
        return float((last / first) ** (1 / (len(self.norms) - half)))


class GradientFlow(NamedTuple):
    """How far a gradient gets back through time."""

    windows: int  # parts of the text that the means are over
    steps: int
    layers: list[LayerFlow]


def gradient_flow(model: TrainedModel, excerpt: Excerpt, steps: int, seed: int = 1) -> GradientFlow:
    """Send a gradient back through a model that has read a text (Pascanu et al., 2013).

    Parts of the text, evenly spaced, are read from the zero state, one step more than ``steps``
    each. At the last step of each a gradient of norm 1 in a random direction enters the top of the
    network; what arrives at the states of earlier steps, by all paths through the layers, is
    measured. Nothing is dropped, and the weights are not changed.

    Args:
        model: A left-to-right model.
        excerpt: The text.
        steps: How many steps back.
        seed: Of the directions.

    Raises:
        UsageError: The model is bidirectional or reads each line by itself, or the text is too
            short.
    """
    check_reads_on(model)
    if len(excerpt.ids) < steps + 1:
        raise UsageError(
            f"{len(excerpt.ids):,} tokens are too few for a gradient over {steps:,} steps; use a "
            "longer text or fewer steps"
        )
    network, config = model.network, model.config.model
    windows = _windows(excerpt.ids, steps + 1)
    directions = np.random.default_rng(seed).standard_normal(
        (windows.shape[1], output_size(config))
    )
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    dy = network.widened(directions[np.newaxis].astype(network.dtype))
    norms: list[list[float]] = []
    with network.running():
        state = network.initial_state(windows.shape[1])
        tape = network.begin(steps + 1, windows.shape[1])
        for row in windows:
            _, state = tape.forward(row[np.newaxis], state)
        dstate: State = network.initial_state(windows.shape[1])
        for _ in range(steps):
            _, dstate = tape.backward(dy, dstate)
            norms.append([_mean_norm(network.on_host(part)) for part in _arrays(dstate)])
            dy = np.zeros_like(dy)
    network.zero_grad()  # of the embedding, which has no state
    names = [
        (f"layer{k}", part) for k in range(config.layers) for part in CELLS[config.cell].states
    ]
    columns = zip(*norms, strict=True)
    layers = [LayerFlow(*name, list(own)) for name, own in zip(names, columns, strict=True)]
    return GradientFlow(windows.shape[1], steps, layers)


def _windows(ids: Ids, length: int) -> Ids:
    """Return parts of a text, evenly spaced, ``(length, windows)``."""
    starts = np.unique(np.linspace(0, len(ids) - length, WINDOWS).astype(np.int64))
    return np.asarray(ids[starts + np.arange(length)[:, np.newaxis]], np.int64)


def _arrays(state: State) -> list[Array]:
    """Return the arrays ``(B, H)`` of a state, bottom layer first."""
    found: list[Array] = []
    for part in state:
        found += _arrays(part) if isinstance(part, tuple) else [part]
    return found


def _mean_norm(array: Array) -> float:
    return float(np.linalg.norm(array.astype(np.float64), axis=-1).mean())
