"""An n-gram model: its sizes, discounts and perplexities, as plain values and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.ngrams.kneser_ney import Estimate
from rnnlm_cli.report.perplexity import figures_of
from rnnlm_cli.report.table import figure, grid

SIZES = ["order", "in the text", "in the model", "D1", "D2", "D3+"]
FIGURES = ["text", "tokens", "perplexity", "without unknown", "per word", "bits per byte"]


def ngram_values(path: str, estimate: Estimate, texts: Mapping[str, Perplexity]) -> dict[str, Any]:
    """Return an n-gram model as plain values.

    Args:
        path: The ARPA file.
        estimate: The model.
        texts: Its perplexity by name of text.
    """
    tables = zip(estimate.counted, estimate.model.tables, estimate.discounts, strict=True)
    orders = [
        {
            "order": order,
            "counted": counted,
            "ngrams": len(table),
            "discounts": list(discounts.amounts),
            "estimated": discounts.estimated,
        }
        for order, (counted, table, discounts) in enumerate(tables, 1)
    ]
    return {"file": path, "orders": orders, **{k: text_values(v) for k, v in texts.items()}}


def text_values(result: Perplexity) -> dict[str, Any]:
    """Return the perplexity of a text as plain values."""
    return {**figures_of(result), "tokens": result.tokens, "oov": result.oov}


def ngram_table(values: Mapping[str, Any]) -> str:
    """Format the values of an n-gram model as tables."""
    sizes = [
        [str(one["order"]), f"{one['counted']:,}", f"{one['ngrams']:,}"]
        + [f"{amount:.4f}" for amount in one["discounts"]]
        for one in values["orders"]
    ]
    lines = grid([SIZES, *sizes])
    texts = [
        [
            split,
            f"{text['tokens']:,}",
            figure(text["perplexity"]),
            optional(text["perplexity_without_unknown"]),
            optional(text["perplexity_per_word"]),
            f"{text['bits_per_byte']:.4f}",
        ]
        for split in ("valid", "test")
        if (text := values.get(split))
    ]
    if texts:
        lines += ["", *grid([FIGURES, *texts], left=1)]
    return "\n".join(lines)


def optional(value: float | None) -> str:
    """Format a figure that there may not be."""
    return "-" if value is None else figure(value)
