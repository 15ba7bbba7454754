"""The comparison of two models on one text, as plain values for JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlm_cli.evaluate.comparison import Comparison, Read
from rnnlm_cli.evaluate.measure import PERPLEXITY
from rnnlm_cli.report.table import cell, figure, padded, visible, with_values


def comparison_values(
    one: Read,
    other: Read,
    result: Comparison,
    reasons: Sequence[str],
    corpus: str,
    warnings: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a comparison as plain values.

    ``interval`` is in nats per ``unit``, a token or, if the models split the text differently, a
    word; ``nats_per_token`` is ``None`` then.

    Args:
        one: The text scored by the first model.
        other: The text scored by the second model.
        result: The result of the comparison.
        reasons: Why there is no verdict; empty if there is one.
        corpus: The name of the text.
        warnings: Warnings that do not prevent a verdict.
    """
    better = None if reasons else result.better_model
    both, names = (one, other), [one.name, other.name]
    gained = float(other.nats.sum() - one.nats.sum())
    words = one.size.words
    per_token = result.unit == "token"
    return {
        "perplexity": [read.perplexity for read in both],
        "nats": [float(read.nats.sum()) for read in both],
        **{
            key: [PERPLEXITY.text_values(read.figures)[key] for read in both]
            for key in PERPLEXITY.text_values(None)
        },
        "nats_per_token": result.difference if per_token else None,
        "nats_per_word": gained / words if words else None,
        "interval": [result.low, result.high],
        "unit": result.unit,
        "lines": result.lines,
        "better_lines": result.better,
        "tokens": [int(read.tokens.sum()) for read in both],
        "words": words,
        "oov": [read.oov for read in both],
        "verdict": None if better is None else names[better],
        "no_verdict": list(reasons),
        "warnings": [*warnings, *(f"no verdict: {reason}" for reason in reasons)],
        "corpus": corpus,
        "checkpoints": names,
    }


APART = "the models split the text differently, so the difference is per word of the text"

HEADER = ("perplexity", "per word", "total nats", "bits/byte", "bits/character")


def comparison_table(values: Mapping[str, Any]) -> str:
    """Format a comparison, from the values of ``comparison_values``."""
    low, high = values["interval"]
    if values["no_verdict"]:
        verdict = [f"no verdict: {reason}" for reason in values["no_verdict"]]
    elif values["verdict"] is None:
        verdict = ["no significant difference on this text"]
    else:
        verdict = [f"{visible(values['verdict'])} is better"]
    unit = values["unit"]
    difference = values[f"nats_per_{unit}"]
    return "\n".join(
        [
            *_figures(values),
            *([] if unit == "token" else [APART]),
            f"difference {figure(difference, '+.4f')} nats per {unit}, 95% from "
            f"{figure(low, '+.4f')} to {figure(high, '+.4f')}; the second is better on "
            f"{values['better_lines']:.1%} of {values['lines']:,} lines",
            *verdict,
        ]
    )


def _figures(values: Mapping[str, Any]) -> list[str]:
    """Return the figures of both models as lines, with the models' names at the end."""
    header, *rows = with_values([HEADER, *(_cells(values, k) for k in (0, 1))])
    names = ["model", *map(visible, values["checkpoints"])]
    widths = [max(12, len(name)) for name in header]
    lines = []
    for cells, name in zip([header, *rows], names, strict=True):
        shown = [padded(c, w, right=True) for c, w in zip(cells, widths, strict=True)]
        lines.append("  ".join([*shown, name]))
    return lines


def _cells(values: Mapping[str, Any], k: int) -> list[str]:
    """Return the figures of one of the models."""
    return [
        figure(values["perplexity"][k]),
        cell(values["perplexity_per_word"][k]),
        figure(values["nats"][k], ",.1f"),
        figure(values["bits_per_byte"][k], ".4f"),
        figure(values["bits_per_character"][k], ".4f"),
    ]
