"""The comparison of two models on one text, as plain values for JSON and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlm_cli.evaluate.comparison import Comparison, Read
from rnnlm_cli.report.table import figure, visible


def comparison_values(
    one: Read, other: Read, result: Comparison, reasons: Sequence[str], corpus: str
) -> dict[str, Any]:
    """Return a comparison as plain values.

    Args:
        one: The text scored by the first model.
        other: The text scored by the second model.
        result: The result of the comparison.
        reasons: Why there is no verdict; empty if there is one.
        corpus: The name of the text.
    """
    better = None if reasons else result.better_model
    names = [one.name, other.name]
    return {
        "perplexity": [one.perplexity, other.perplexity],
        "nats": [float(one.nats.sum()), float(other.nats.sum())],
        "nats_per_token": result.difference,
        "interval": [result.low, result.high],
        "lines": result.lines,
        "better_lines": result.better,
        "oov": [one.oov, other.oov],
        "verdict": None if better is None else names[better],
        "warnings": list(reasons),
        "corpus": corpus,
        "checkpoints": names,
    }


def comparison_table(values: Mapping[str, Any]) -> str:
    """Format a comparison, from the values of ``comparison_values``."""
    rows = zip(values["perplexity"], values["nats"], values["checkpoints"], strict=True)
    low, high = values["interval"]
    if values["warnings"]:
        verdict = [f"no verdict: {reason}" for reason in values["warnings"]]
    elif values["verdict"] is None:
        verdict = ["no significant difference on this text"]
    else:
        verdict = [f"{visible(values['verdict'])} is better"]
    return "\n".join(
        [
            "  perplexity    total nats  model",
            *(
                f"{figure(ppl):>12}  {figure(nats, ',.1f'):>12}  {visible(name)}"
                for ppl, nats, name in rows
            ),
            f"difference {figure(values['nats_per_token'], '+.4f')} nats per token, 95% from "
            f"{figure(low, '+.4f')} to {figure(high, '+.4f')}; the second is better on "
            f"{values['better_lines']:.1%} of {values['lines']:,} lines",
            *verdict,
        ]
    )
