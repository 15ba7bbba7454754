"""Calibration: plain values, a table and a sheet of reliability diagrams."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.learned.calibration import BINS, Bin, Calibration
from rnnlm_cli.report.charts import Bars, Chart, Curve, Sheet
from rnnlm_cli.report.table import grid

CLEAR = 0.001
"""Nats that a temperature has to save, to be worth a sentence."""


def calibration_values(found: Calibration) -> dict[str, Any]:
    """Return all figures as plain values."""
    return {
        **found._asdict(),
        "likeliest": [one._asdict() for one in found.likeliest],
        "every": [one._asdict() for one in found.every],
    }


def calibration_table(found: Calibration) -> str:
    """Return the bins of the likeliest token, and what follows."""
    rows = [["likeliest token", "said", "came", "error"]]
    rows += [
        [f"{one.predictions:,}", f"{one.predicted:.1%}", f"{one.observed:.1%}", f"{one.error:.1%}"]
        for one in found.likeliest
    ]
    return "\n".join([*grid(rows), *conclusions(found)])


def conclusions(found: Calibration) -> list[str]:
    """Return what the figures say, a line each."""
    gain = found.nats_tried - found.nats_scaled
    if found.temperature == 1 or gain < CLEAR:
        advice = "no other temperature is clearly better"
    else:
        said = "too sure" if found.temperature > 1 else "not sure enough"
        advice = (
            f"{said}: at temperature {found.temperature:g} the held-out perplexity is "
            f"{perplexity(found.nats_scaled, 1):,.2f} instead of "
            f"{perplexity(found.nats_tried, 1):,.2f}"
        )
    return [
        f"expected calibration error {found.expected_error:.2%} over {found.tokens:,} targets",
        f"{found.nats:.4f} nats per token, and the model expects {found.entropy:.4f}",
        advice,
    ]


def calibration_sheet(found: Calibration, model: str) -> Sheet:
    """Return two reliability diagrams: of the likeliest token, and of every token."""
    top = found.likeliest
    shares = Bars(
        "share of the predictions",
        [(int(one.predicted * BINS) + 0.5) / BINS for one in top],
        [one.predictions / found.tokens for one in top],
        1 / BINS,
        5,
    )
    left = Chart(
        "the likeliest token",
        "probability",
        "how often it comes",
        [shares, _came(top), Curve("as it should be", [0, 1], [0, 1], 6, (), ":")],
        limits=(0, 1, 0, 1),
    )
    every = [one for one in found.every if one.observed > 0]
    ends = [min(min(one.predicted, one.observed) for one in every), 1.0]
    right = Chart(
        "every token of the vocabulary",
        "probability",
        "",
        [_came(every), Curve("as it should be", ends, ends, 6, (), ":")],
        x_log=True,
        y_log=True,
    )
    ece, nats, advice = conclusions(found)
    return Sheet(f"Calibration of {model}: {ece}", [[left, right]], (9.0, 4.9), f"{nats}\n{advice}")


def _came(bins: Sequence[Bin]) -> Curve:
    return Curve(
        "what came, with two standard errors",
        [one.predicted for one in bins],
        [one.observed for one in bins],
        0,
        # on a logarithmic axis an error may not reach 0
        [min(2 * one.error, 0.8 * one.observed) for one in bins],
    )
