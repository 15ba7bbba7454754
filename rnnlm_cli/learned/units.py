"""What the units of a model come to at every token of a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.learned.excerpt import Excerpt, parts_of
from rnnlm_cli.model.layers import recurrent_stacks
from rnnlm_cli.model.trace import LayerTrace, Tracer
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array

STEPS = 128
"""Steps that are traced at once, so that memory does not grow with the text."""

LONG = 256
"""Tokens of a part, at least, where a text is read as several parts side by side."""

STREAMS = 16
"""The number of parts, at most."""


class Traced(NamedTuple):
    """What the layers did at some tokens of an excerpt, which are not always in a row."""

    places: Array  # (n,) indices of tokens
    layers: list[LayerTrace]  # (n, H) arrays


def traced(model: TrainedModel, excerpt: Excerpt) -> Iterator[Traced]:
    """Trace an excerpt, some steps at a time.

    A row is a token: what a layer came to when it had read it. A text of ``LONG`` tokens and more
    is read as up to ``STREAMS`` parts side by side, each from the zero state, for speed.
    """
    tracer = Tracer(model.network, model.config.model)
    streams = max(1, min(STREAMS, len(excerpt.ids) // LONG))
    parts = list(parts_of(model, excerpt, streams))
    if model.line_edge is not None:  # lines have a length each
        for part in parts:
            layers, _ = tracer.read(part.inputs[..., np.newaxis])
            places = np.arange(part.where.start, part.where.stop)
            yield Traced(
                places, _rows(layers, np.arange(len(places)) + part.given, one_stream=True)
            )
        return
    given, starts = parts[0].given, np.array([part.where.start for part in parts])
    lengths = np.array([len(part.inputs) for part in parts])
    ids = np.zeros((lengths.max(), len(parts)), np.int64)  # a shorter part is read on with zeros
    for k, part in enumerate(parts):
        ids[: len(part.inputs), k] = part.inputs
    state = None
    for begin in range(0, len(ids), STEPS):
        layers, state = tracer.read(ids[begin : begin + STEPS], state)
        steps = np.arange(begin, min(begin + STEPS, len(ids)))[:, np.newaxis]
        there = ((steps >= given) & (steps < lengths)).ravel()
        places = (starts + steps - given).ravel()
        yield Traced(places[there], _rows(layers, there))


def _rows(layers: list[LayerTrace], rows: Array, one_stream: bool = False) -> list[LayerTrace]:
    """Return some rows of ``(T*B, H)`` of each array ``(T, B, H)``."""
    return [
        LayerTrace(
            name,
            *(
                {key: x.reshape(-1, x.shape[-1])[rows] for key, x in part.items()}
                for part in (states, gates)
            ),
        )
        for name, states, gates in layers
    ]


class Units(NamedTuple):
    """The values of all units over a text; a unit's name is ``layer0.17``."""

    names: list[str]  # (U,)
    values: Array  # (n, U) from -1 to 1; NaN where a bidirectional model does not look

    def place(self, name: str) -> int:
        """Return the column of a unit.

        Raises:
            ValueError: There is none of this name.
        """
        return self.names.index(name)


def unit_names(model: TrainedModel) -> list[str]:
    """Return the names of all units, bottom layer first, in the order of ``unit_values``."""
    config = model.config.model
    return [
        f"{prefix}layer{k}.{unit}"
        for prefix in recurrent_stacks(config)
        for k in range(config.layers)
        for unit in range(config.hidden_size)
    ]


def unit_values(model: TrainedModel, excerpt: Excerpt) -> Units:
    """Return what each unit remembers after each token.

    Of an LSTM it is ``tanh(c)``, the memory cell as its output gate sees it (Karpathy, Johnson and
    Fei-Fei, 2015); of other cells ``h``.
    """
    values = np.full((len(excerpt.ids), len(unit_names(model))), np.nan, np.float32)
    for places, layers in traced(model, excerpt):
        values[places] = np.concatenate([remembered(layer) for layer in layers], axis=1)
    return Units(unit_names(model), values)


def remembered(layer: LayerTrace) -> Array:
    """Return what a layer's units keep, ``(T, H)``: the last array of the cell's state."""
    name, array = list(layer.states.items())[-1]
    return array if name == "h" else np.tanh(array)
