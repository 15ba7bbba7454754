"""The gradient through time in a trained model: plain values, a table and a panel."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.learned.gradient_flow import GradientFlow
from rnnlm_cli.report.panels import Line, Panel
from rnnlm_cli.report.table import grid


def flow_values(found: GradientFlow) -> dict[str, Any]:
    """Return all figures as plain values."""
    layers = [{**layer._asdict(), "factor": layer.factor} for layer in found.layers]
    return {**found._asdict(), "layers": layers}


def flow_rows(found: GradientFlow) -> list[list[str]]:
    """Return a row of cells per layer and part of its state, below a header."""
    places = sorted(
        {1, *(n for n in (2, 5, 10, 20, 50, 100, 200, 500) if n < found.steps), found.steps}
    )
    rows = [["gradient", *(f"{n:,} back" for n in places), "factor per step"]]
    for layer in found.layers:
        factor = "-" if layer.factor is None else f"{layer.factor:.3f}"
        norms = (f"{layer.norms[n - 1]:.2g}" for n in places)
        rows.append([f"{layer.layer} {layer.part}", *norms, factor])
    return rows


def flow_table(found: GradientFlow) -> str:
    """Return the rows as text."""
    return "\n".join([flow_caption(found), *grid(flow_rows(found), left=1)])


def flow_caption(found: GradientFlow) -> str:
    """Say what is measured."""
    return (
        f"The mean over {found.windows} parts of the text of the gradient's L2 norm at the states "
        "of earlier steps. A gradient of norm 1 enters at the last step, at the top of the network."
    )


def flow_panel(found: GradientFlow) -> Panel:
    """Return a curve per layer and part of its state."""
    layers = list(dict.fromkeys(layer.layer for layer in found.layers))
    lines = [
        Line(
            f"{layer.layer} {layer.part}",
            range(1, found.steps + 1),
            layer.norms,
            "-" if layer.part == "h" else "--",
            layers.index(layer.layer),
        )
        for layer in found.layers
    ]
    return Panel(
        "", "steps back", "L2 norm of the gradient", lines, True, 1.0, wide=True, height=4.2
    )
