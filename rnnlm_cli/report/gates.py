"""Gates as heat maps and by how often they are saturated: plain values, a table and a sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.errors import shortened
from rnnlm_cli.learned.gates import OPEN, SHUT, Gate, Gates, layer_names
from rnnlm_cli.report.charts import Chart, Dots, Heat, Mark, Sheet
from rnnlm_cli.report.page import as_text
from rnnlm_cli.report.table import grid
from rnnlm_cli.text.codec.base import Codec

COLUMNS = 2
"""Charts beside each other."""

MOST_LABELS = 45
"""Tokens that have a label each."""


def gate_values(found: Gates) -> dict[str, Any]:
    """Return all figures as plain values."""
    return {
        "cell": found.cell,
        "tokens": found.read,
        "gates": [
            {
                "layer": gate.layer,
                "gate": gate.gate,
                "keeps": gate.keeps,
                "mean": gate.mean.tolist(),
                "shut": gate.shut.tolist(),
                "open": gate.open.tolist(),
            }
            for gate in found.gates
        ],
    }


def gate_table(found: Gates) -> str:
    """Return, for each gate, its mean and how often it is saturated, over all units and tokens."""
    rows = [["gate", "mean", f"shut (< {SHUT})", f"open (> {OPEN})", "units mostly open"]]
    rows += [
        [
            f"{gate.layer} {gate.gate}",
            f"{gate.mean.mean():.3f}",
            f"{gate.shut.mean():.1%}",
            f"{gate.open.mean():.1%}",
            f"{np.mean(gate.open > 0.5):.1%}",
        ]
        for gate in found.gates
    ]
    return "\n".join(grid(rows, left=1))


def gate_sheet(found: Gates, codec: Codec, model: str) -> Sheet:
    """Return, for each layer, the gates over the first tokens, and how often each is saturated.

    In a layer all gates have the same order of units: by the mean of the gate that keeps memory.
    """
    rows: list[Sequence[Chart]] = []
    later: list[Chart] = []
    for layer in layer_names(found.gates):
        gates = [gate for gate in found.gates if gate.layer == layer]
        keeping = next((gate for gate in gates if gate.keeps), gates[0])
        order = np.argsort(-keeping.mean, kind="stable")
        heats = [_heat(gate, order, found.tokens, codec) for gate in gates]
        if len(heats) % COLUMNS:
            heats.append(_saturation(gates, layer))
        else:  # beside those of other layers
            later.append(_saturation(gates, layer))
        rows += in_rows(heats)
    rows += in_rows(later)
    return Sheet(
        f"Gates of {model} ({found.cell})",
        rows,
        (8.0, 0.8 + 3.1 * len(rows)),
        f"a row of a heat map is a unit, sorted by its mean {keeping.gate}; dots: one per unit, "
        f"over {found.read:,} tokens",
    )


def in_rows(charts: Sequence[Chart]) -> list[Sequence[Chart]]:
    """Return charts in rows of ``COLUMNS``."""
    return [charts[k : k + COLUMNS] for k in range(0, len(charts), COLUMNS)]


def _heat(gate: Gate, order: Any, tokens: list[str], codec: Codec) -> Chart:
    ticks = None
    if len(tokens) <= MOST_LABELS:
        ticks = range(len(tokens)), [shortened(as_text(token, codec), 12) for token in tokens]
    kept = " (keeps memory)" if gate.keeps else ""
    return Chart(
        f"{gate.layer} {gate.gate}{kept}",
        "",
        "unit",
        [Heat(gate.values.T[order])],
        x_ticks=ticks,
        upright=not codec.one_character,
    )


def _saturation(gates: list[Gate], layer: str) -> Chart:
    dots: list[Mark] = [
        Dots(gate.gate, gate.open.tolist(), gate.shut.tolist(), color)
        for color, gate in enumerate(gates)
    ]
    return Chart(
        f"{layer}: how often saturated",
        f"share of tokens above {OPEN} (open)",
        f"share of tokens below {SHUT} (shut)",
        dots,
        limits=(-0.03, 1.03, -0.03, 1.03),
    )
