"""How far a model looks back: plain values, a table and a sheet."""

from __future__ import annotations

from typing import Any

from rnnlm_cli.learned.memory import WITHIN, Memory
from rnnlm_cli.report.charts import Chart, Curve, Sheet
from rnnlm_cli.report.table import grid


def memory_values(found: Memory) -> dict[str, Any]:
    """Return all figures as plain values."""
    return {
        **found._asdict(),
        "distances": [one._asdict() for one in found.distances],
        "looks_back": found.looks_back,
        "order_matters": found.order_matters,
    }


def memory_table(found: Memory) -> str:
    """Return a row per distance, and what follows from them."""
    rows = [["tokens", "only these", "error", "others shuffled", "error"]]
    rows += [
        [
            f"{one.tokens:,}",
            f"{one.truncated:+.4f}",
            f"{one.truncated_error:.4f}",
            f"{one.shuffled:+.4f}",
            f"{one.shuffled_error:.4f}",
        ]
        for one in found.distances[:-1]
    ]
    return "\n".join(
        [
            f"{found.nats:.4f} nats per token with {found.context:,} tokens before it, over "
            f"{found.targets:,} targets; added nats and their standard errors:",
            *grid(rows),
            conclusion(found),
        ]
    )


def conclusion(found: Memory) -> str:
    """Return what the figures say, in a sentence."""
    return (
        f"within {WITHIN:.0%} of the loss: {_last(found.looks_back, found)} alone; "
        f"{_last(found.order_matters, found)} in order, and those before in any order"
    )


def _last(tokens: int, found: Memory) -> str:
    """Return how many tokens: ``the last 10 tokens``."""
    if tokens == found.context:
        return f"all {tokens:,} tokens"
    return f"the last {tokens:,} tokens" if tokens > 1 else "the last token"


def memory_sheet(found: Memory, model: str) -> Sheet:
    """Return the added loss over the distance, of both kinds."""
    near = found.distances[:-1]
    tokens = [one.tokens for one in near]
    chart = Chart(
        "",
        "n, tokens before the predicted one",
        "added nats per token",
        [
            Curve(
                "only the last n tokens are read",
                tokens,
                [one.truncated for one in near],
                0,
                [2 * one.truncated_error for one in near],
            ),
            Curve(
                "all before the last n are shuffled",
                tokens,
                [one.shuffled for one in near],
                1,
                [2 * one.shuffled_error for one in near],
                "s--",
            ),
            Curve(
                f"{WITHIN:.0%} of the loss",
                [tokens[0], tokens[-1]],
                [WITHIN * found.nats] * 2,
                6,
                (),
                ":",
            ),
        ],
        x_log=True,
        x_ticks=(tokens, [f"{n:,}" for n in tokens]),
    )
    return Sheet(
        f"Memory of {model}: {found.nats:.2f} nats with {found.context:,} tokens",
        [[chart]],
        (8.0, 4.6),
        f"{found.targets:,} targets; bars: two standard errors\n{conclusion(found)}",
    )
