"""Units that keep track of something: plain values, a table, and a page of colored text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.learned.neurons import Found, ScoredUnit
from rnnlm_cli.report.colors import DIVERGING
from rnnlm_cli.report.page import Cell, Page, Writer, as_text
from rnnlm_cli.report.table import grid
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.codec.base import Codec


def found_values(found: Found) -> dict[str, Any]:
    """Return all figures as plain values."""
    return {**found._asdict(), "units": [unit._asdict() for unit in found.units]}


def unit_values_by_name(
    tokens: Sequence[str], names: Sequence[str], values: Sequence[tuple[str, Array]]
) -> dict[str, Any]:
    """Return what a page shows as plain values; ``null`` where there is no value."""
    columns = (
        [None if np.isnan(value) else value for value in column.tolist()] for _, column in values
    )
    return {"tokens": list(tokens), "units": dict(zip(names, columns, strict=True))}


def found_table(found: Found) -> str:
    """Return the units with their scores, and what to compare them with."""
    how = "with it" if found.share is None else "where it holds"
    rows = [["unit", f"held-out {found.measure}", "fitted", how]]
    rows += [
        [unit.name, f"{unit.score:.3f}", f"{unit.fitted:.3f}", direction(unit, found)]
        for unit in found.units
    ]
    rows += [
        ["all units together", f"{found.all_units:.3f}", "", ""],
        ["the current token alone", f"{found.token_alone:.3f}", "", ""],
    ]
    share = "" if found.share is None else f", true of {found.share:.1%} of the held-out tokens"
    head = (
        f"{found.find}: {found.meaning}{share}; units chosen on the first {found.held_out:,} tokens"
        f", scored on the next {found.tokens - found.held_out:,}"
    )
    return "\n".join([head, *grid(rows, left=1)])


def direction(unit: ScoredUnit, found: Found) -> str:
    """Say where a unit is high, or whether it rises with a number."""
    if found.share is None:
        return "rises" if unit.rises else "falls"
    return "high" if unit.rises else "low"


def neurons_page(
    pieces: Sequence[str],
    values: Sequence[tuple[str, Array]],
    codec: Codec,
    title: str,
) -> Page:
    """Return a text once per unit, with the unit's values as colors.

    Args:
        pieces: ``(n,)``, the tokens as written.
        values: A heading and the values ``(n,)``, from -1 to 1, of each unit.
        codec: Knows how tokens are written.
        title: What is shown.
    """
    writer = Writer(DIVERGING)
    writer.heading(title)
    end = codec.line_end
    for heading, column in values:
        writer.heading(heading, bold=False)
        cells = (
            Cell(
                as_text(token, codec),
                None if np.isnan(value) else (float(value) + 1) / 2,
                (),
                token == end,
            )
            for token, value in zip(pieces, column, strict=True)
        )
        writer.cells(cells, gap=0.0 if codec.one_character else 0.4)
    writer.key("-1", "1")
    return writer.page


def found_heading(unit: ScoredUnit, found: Found) -> str:
    """Return what is written above a unit's text."""
    how = "with it" if found.share is None else "where it holds"
    return f"{unit.name}: held-out {found.measure} {unit.score:.3f}, {direction(unit, found)} {how}"
