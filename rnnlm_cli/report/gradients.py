"""Gradient norms back through time: exploding, vanishing or preserved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.model import CELLS
from rnnlm_cli.nn.engines.choose import ENGINES, FASTEST
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.report.panels import Line, Panel


class GradientNorms(NamedTuple):
    """Norms of the gradient, by steps back from the step where it starts."""

    cell: str
    scale: float
    dh: list[float]  # L2 norms of dh, from 0 steps back
    dc: list[float]  # L2 norms of dc, the LSTM's memory cell; empty for other cells

    @property
    def factor(self) -> float | None:
        """By what a step multiplies dh: the geometric mean over the second half of the steps.

        ``None`` if the gradient is not a positive number there.
        """
        half = len(self.dh) // 2
        first, last = self.dh[half], self.dh[-1]
        if len(self.dh) - 1 == half or not (0 < first < math.inf and 0 < last < math.inf):
            return None
        return float((last / first) ** (1 / (len(self.dh) - 1 - half)))


PLOTTED = [name for name, cell in CELLS.items() if cell.recurrent and not cell.own(1, 1)]
"""Cells whose gradient through time is a matter of the recurrent weights and the bias alone."""


def gradient_norms(
    cell: str, scale: float, steps: int, hidden_size: int, keep_bias: float, seed: int
) -> GradientNorms:
    """Back-propagate a gradient through the layer, and return its norm at every step.

    The layer reads zeros from the zero state, so that all units stay where their slopes are
    steepest, and ``weight_hh = scale * N(0, 1) / sqrt(H)``, whose eigenvalues fill a circle of
    radius ``scale`` (Ginibre, 1965). An Elman RNN's gradient grows or shrinks by about that factor
    per step (Bengio et al., 1994; Pascanu et al., 2013). With gates the path through the memory is
    added: from the zero state the factor is ``f + scale / 4`` in an LSTM (input and output gate are
    1/2, ``f = sigmoid(keep_bias)``) and ``z + (1 - z) * scale / 2`` in a GRU. So an open gate
    keeps a gradient from vanishing, but in an LSTM not from exploding: with a bias of 4 and a scale
    of 1 the factor is 1.23.

    Args:
        cell: One of ``PLOTTED``.
        scale: The factor of ``weight_hh``.
        steps: How many steps back.
        hidden_size: ``H``.
        keep_bias: The bias of the gate that keeps memory: an LSTM's f, a GRU's z.
        seed: Seed of the weights and of the gradient at the last step, a unit vector.
    """
    rng = np.random.default_rng(seed)
    kind = CELLS[cell]
    layer = Recurrent(kind, ENGINES[FASTEST], 1, hidden_size, scaled_normal(rng, np.float64))
    with np.errstate(over="ignore"):
        layer.weights.hh.value *= scale
    if kind.keeps is not None:
        layer.gate_bias(kind.keeps)[:] = keep_bias
    state, tape = layer.initial_state(1), layer.begin(steps, 1)
    for _ in range(steps):
        _, state = tape.forward(np.zeros((1, 1, 1)), state)
    start = rng.standard_normal((1, hidden_size))
    dstate = tuple(np.zeros_like(part) for part in state)
    dstate = (start / np.linalg.norm(start), *dstate[1:])
    norms = [[float(np.linalg.norm(part)) for part in dstate]]
    with np.errstate(over="ignore", invalid="ignore"):  # an exploding gradient may overflow
        for _ in range(steps):
            _, dstate = tape.backward(np.zeros((1, 1, hidden_size)), dstate)
            norms.append([float(np.linalg.norm(part)) for part in dstate])
    dh, *rest = (list(column) for column in zip(*norms, strict=True))
    return GradientNorms(cell, scale, dh, rest[0] if rest else [])


def gradient_panels(found: Sequence[GradientNorms]) -> list[Panel]:
    """Return one panel per cell, with one curve per scale; the memory cell's is dashed.

    A tag at the end of a curve of dh is its factor per step.
    """
    scales = list(dict.fromkeys(norms.scale for norms in found))
    panels = []
    for cell in dict.fromkeys(norms.cell for norms in found):
        lines = []
        for norms in found:
            if norms.cell != cell:
                continue
            color, back = scales.index(norms.scale), range(len(norms.dh))
            tag = "" if norms.factor is None else f"\u00d7{norms.factor:.3g}"
            label = f"dh, scale {norms.scale:g}"
            lines.append(Line(label, back, norms.dh, color=color, tag=tag))
            if norms.dc:
                # dc is zero at 0 steps back, because the gradient enters through h
                label = f"dc, scale {norms.scale:g}"
                lines.append(Line(label, back[1:], norms.dc[1:], "--", color))
        panels.append(
            Panel(CELLS[cell].title, "steps back", "L2 norm of the gradient", lines, True, 1.0)
        )
    return panels


def gradient_caption(found: Sequence[GradientNorms], hidden_size: int, keep_bias: float) -> str:
    """Say what the panels of ``gradient_panels`` show."""
    cells = [CELLS[cell] for cell in dict.fromkeys(norms.cell for norms in found)]
    gates = [f"{cell.title}'s {cell.keeps}" for cell in cells if cell.keeps is not None]
    bias = f" The bias of the {' and the '.join(gates)} is {keep_bias:g}." if gates else ""
    memory = ", and dc to the memory cell" if any(norms.dc for norms in found) else ""
    return (
        "A gradient of norm 1 enters at the last step and goes back through time. dh is the "
        f"gradient with respect to the hidden state of an earlier step{memory}. A layer of "
        f"{hidden_size} units reads zeros; its recurrent weights are scale \u00b7 "
        f"N(0, 1/{hidden_size}).{bias} Above the line at 1 the gradient has grown. \u00d7: the "
        "factor of dh per step."
    )
