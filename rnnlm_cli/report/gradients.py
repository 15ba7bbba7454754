"""The gradient's way back through time: exploding, vanishing, kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.model import CELLS
from rnnlm_cli.nn.engines.choose import ENGINES, FASTEST
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.layers.recurrent import Recurrent
from rnnlm_cli.report.figure import Line, Panel


class GradientNorms(NamedTuple):
    """How long the gradient is, ever further back from the step that it comes from."""

    cell: str
    scale: float
    dh: list[float]  # L2 norms of the mean stream, from 0 steps back
    dc: list[float]  # of the LSTM's memory cell; empty for others


def gradient_norms(
    cell: str, scale: float, steps: int, hidden_size: int, keep_bias: float, seed: int
) -> GradientNorms:
    """Send a gradient back through the real layer, and measure it at every step.

    The layer reads zeros from the zero state, so that all units stay where their slopes are
    steepest, and ``weight_hh = scale * N(0, 1) / sqrt(H)``, whose eigenvalues fill a circle of
    radius ``scale`` (Ginibre, 1965): an Elman RNN's gradient grows or shrinks by about
    that factor a step (Bengio et al., 1994; Pascanu et al., 2013).

    Args:
        cell: A row of ``CELLS``.
        scale: Of ``weight_hh``.
        steps: How far back.
        hidden_size: ``H``.
        keep_bias: Of the gate that keeps memory: an LSTM's f, a GRU's z.
        seed: Of the weights and of the gradient at the last step, a unit vector.
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
    with np.errstate(over="ignore", invalid="ignore"):  # exploding is what may be shown
        for _ in range(steps):
            _, dstate = tape.backward(np.zeros((1, 1, hidden_size)), dstate)
            norms.append([float(np.linalg.norm(part)) for part in dstate])
    dh, *rest = (list(column) for column in zip(*norms, strict=True))
    return GradientNorms(cell, scale, dh, rest[0] if rest else [])


def gradient_panels(found: Sequence[GradientNorms]) -> list[Panel]:
    """Return a panel a cell, with a curve a scale; the memory cell's is dashed."""
    scales = list(dict.fromkeys(norms.scale for norms in found))
    panels = []
    for cell in dict.fromkeys(norms.cell for norms in found):
        lines = []
        for norms in found:
            if norms.cell != cell:
                continue
            color, back = scales.index(norms.scale), range(len(norms.dh))
            lines.append(Line(f"dh, scale {norms.scale:g}", back, norms.dh, color=color))
            if norms.dc:
                # at the very start there is none: the gradient comes in by h
                label = f"dc, scale {norms.scale:g}"
                lines.append(Line(label, back[1:], norms.dc[1:], "--", color))
        panels.append(
            Panel(CELLS[cell].title, "steps back", "L2 norm of the gradient", lines, True)
        )
    return panels
