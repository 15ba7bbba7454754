"""Labels of lines, and how often they are right: plain values and tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnlm_cli.evaluate.accuracy import Accuracy
from rnnlm_cli.report.table import columns, figure, grid, visible
from rnnlm_cli.system.arrays import Array


def label_values(text: str, labels: Sequence[str], log_probs: Array) -> dict[str, Any]:
    """Return a line's label and the probabilities of all labels, the most probable one first.

    Args:
        text: The line.
        labels: All labels.
        log_probs: ``(L,)``, natural logs.
    """
    order = np.argsort(-log_probs, kind="stable")
    probabilities = {labels[k]: math.exp(log_probs[k]) for k in order}
    first = labels[order[0]]
    return {
        "text": text,
        "label": first,
        "probability": probabilities[first],
        "probabilities": probabilities,
    }


def label_row(values: Mapping[str, Any], top: int) -> str:
    """Return cells with tabs between them: label and probability of the best ones, the text."""
    best = list(values["probabilities"].items())[:top]
    cells = [cell for label, p in best for cell in (visible(label), f"{p:.4f}")]
    return "\t".join([*cells, values["text"]])


def accuracy_values(result: Accuracy, corpus: str, checkpoint: str) -> dict[str, Any]:
    """Return all figures of an evaluation as plain values."""
    return {
        "accuracy": result.accuracy,
        "macro_f1": result.macro_f1,
        "nats_per_line": result.nats_per_line,
        "lines": result.lines,
        "labels": [one._asdict() for one in result.by_label],
        "confusion": result.confusion.tolist(),
        "corpus": corpus,
        "checkpoint": checkpoint,
    }


def accuracy_table(values: Mapping[str, Any]) -> str:
    """Format an evaluation as text, from the values of ``accuracy_values``."""
    rows = {
        "accuracy": f"{figure(values['accuracy'], '.2%')} of {values['lines']:,} lines",
        "macro F1": figure(values["macro_f1"], ".4f"),
        "nats per line": figure(values["nats_per_line"], ".4f"),
    }
    names = [visible(one["label"]) for one in values["labels"]]
    header = ["label", "lines", "found", "precision", "recall", "F1"]
    by_label = [
        [
            name,
            f"{one['lines']:,}",
            f"{one['found']:,}",
            *(f"{one[key]:.4f}" for key in ("precision", "recall", "f1")),
        ]
        for name, one in zip(names, values["labels"], strict=True)
    ]
    counts = [
        [name, *(f"{count:,}" for count in row)]
        for name, row in zip(names, values["confusion"], strict=True)
    ]
    return "\n".join(
        [
            *columns(rows, 15),
            "",
            *grid([header, *by_label], left=1),
            "",
            "lines by their label (rows) and the label that was found (columns)",
            *grid([["", *names], *counts], left=1),
        ]
    )
