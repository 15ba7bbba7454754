"""An n-gram model: its sizes, discounts and perplexities, as plain values and as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.learned.approximation import Generated
from rnnlm_cli.ngrams.kneser_ney import Discounts, Estimate
from rnnlm_cli.report.perplexity import figures_of
from rnnlm_cli.report.table import cell, figure, grid, with_values

DISCOUNTS = ["D1", "D2", "D3+"]
SIZES = ["order", "in the text", "in the model", *DISCOUNTS]
OF_GENERATED = ["in generated text", *DISCOUNTS]
FIGURES = ["text", "tokens", "perplexity", "without unknown", "per word", "bits per byte"]


def ngram_values(
    path: str,
    estimate: Estimate,
    texts: Mapping[str, Perplexity],
    generated: Generated | None = None,
) -> dict[str, Any]:
    """Return an n-gram model as plain values.

    Args:
        path: The ARPA file.
        estimate: The model.
        texts: Its perplexity by name of text.
        generated: What the model of the training text is mixed with.
    """
    orders = _orders(estimate.counted, estimate.discounts)
    for one, table in zip(orders, estimate.model.tables, strict=True):
        one["ngrams"] = len(table)
    values = {"file": path, "orders": orders, **{k: text_values(v) for k, v in texts.items()}}
    if generated is not None:
        values["generated"] = {
            "tokens": generated.tokens,
            "weight": generated.weight,
            "orders": _orders(generated.counted, generated.discounts),
        }
    return values


def _orders(counted: Sequence[int], discounts: Sequence[Discounts]) -> list[dict[str, Any]]:
    """Return what is known of a text's n-grams, per order."""
    return [
        {
            "order": order,
            "counted": count,
            "discounts": list(one.amounts),
            "estimated": one.estimated,
        }
        for order, (count, one) in enumerate(zip(counted, discounts, strict=True), 1)
    ]


def text_values(result: Perplexity) -> dict[str, Any]:
    """Return the perplexity of a text as plain values."""
    return {**figures_of(result), "tokens": result.tokens, "oov": result.oov}


def ngram_table(values: Mapping[str, Any]) -> str:
    """Format the values of an n-gram model as tables."""
    sizes = [
        [str(one["order"]), f"{one['counted']:,}", f"{one['ngrams']:,}", *_amounts(one)]
        for one in values["orders"]
    ]
    rows = [SIZES, *sizes]
    if generated := values.get("generated"):
        beside = [[f"{one['counted']:,}", *_amounts(one)] for one in generated["orders"]]
        rows = [[*row, *more] for row, more in zip(rows, [OF_GENERATED, *beside], strict=True)]
    lines = grid(rows)
    texts = [
        [
            split,
            f"{text['tokens']:,}",
            figure(text["perplexity"]),
            cell(text["perplexity_without_unknown"]),
            cell(text["perplexity_per_word"]),
            f"{text['bits_per_byte']:.4f}",
        ]
        for split in ("valid", "test")
        if (text := values.get(split))
    ]
    if texts:
        lines += ["", *grid(with_values([FIGURES, *texts]), left=1)]
    return "\n".join(lines)


def _amounts(order: Mapping[str, Any]) -> list[str]:
    return [f"{amount:.4f}" for amount in order["discounts"]]
