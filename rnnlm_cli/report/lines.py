"""Scores of tokens, lines and hypotheses as table rows and as values for JSON, in nats.

The forms of other programs are in ``score_forms``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from rnnlm_cli.data.lattice import Lattice
from rnnlm_cli.evaluate.lattices import Path
from rnnlm_cli.evaluate.line_scores import Line, Totals
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.exchange.nbest_formats import Rescored
from rnnlm_cli.report.table import figure, visible


def nats(log10_prob: float) -> float:
    """Convert log10 to natural log."""
    return log10_prob * math.log(10)


def word_values(line: Line) -> dict[str, Any]:
    """Return the scores of a line's tokens as plain values; None for a token without a score."""
    return {
        "line": line.number,
        "tokens": [*line.unscored, *(token.text for token in line.tokens)],
        "logprobs": [
            *(None for _ in line.unscored),
            *(nats(token.log10_prob) for token in line.tokens),
        ],
        "unknown": line.unknown,
    }


def word_rows(line: Line) -> str:
    """Return a row per token: line, token, nats, and whether the model knows it."""
    scored = [(token, "-") for token in line.unscored]
    scored += [(t.text, f"{nats(t.log10_prob):.6f}") for t in line.tokens]
    return "\n".join(
        f"{line.number}\t{visible(text)}\t{score}\t{'unknown' if unknown else 'known'}"
        for (text, score), unknown in zip(scored, line.unknown, strict=True)
    )


def line_values(line: Line, own: Totals) -> dict[str, Any]:
    """Return the score of a line as plain values.

    Args:
        line: The line.
        own: The totals of the line.
    """
    return {
        "line": line.number,
        "logprob": nats(own.log10_prob),
        "tokens": own.tokens,
        "unknown": own.unknown,
        "nats_per_token": per_token(own),
        "perplexity": None if (mean := per_token(own)) is None else perplexity(mean, 1),
        "text": line.text,
    }


LINE_HEADER = "nats\ttokens\tunknown\tnats/token\tperplexity\tline"

LINE_WIDTHS = (-12, -6, -7, -10, -11)
"""Columns on a terminal, except the last; below zero: set to the right."""

WORD_WIDTHS = (4, 20, 10)


def line_row(line: Line, own: Totals) -> str:
    """Return a line's row, below ``LINE_HEADER``; figures that there are not are ``-``."""
    mean = per_token(own)
    means = "-\t-" if mean is None else f"{mean:.4f}\t{figure(perplexity(mean, 1), '.2f')}"
    return f"{nats(own.log10_prob):.6f}\t{own.tokens}\t{own.unknown}\t{means}\t{line.text}"


def per_token(own: Totals) -> float | None:
    """Return a line's mean cross-entropy in nats per token; ``None`` without a token."""
    return -nats(own.log10_prob) / own.tokens if own.tokens else None


def _least_likely(own: Totals) -> float:
    return -own.log10_prob


def _least_likely_tokens(own: Totals) -> float:
    mean = per_token(own)
    return math.inf if mean is None else mean


ORDERS: dict[str, Callable[[Totals], float]] = {
    "logprob": _least_likely,
    "perplexity": _least_likely_tokens,
}
"""Orders of lines: the one with the lowest value comes first, which is the most probable one."""


def hypothesis_values(one: Rescored) -> dict[str, Any]:
    """Return a rescored hypothesis of an n-best list as plain values."""
    return {
        "line": one.hypothesis.line,
        "list": one.hypothesis.group,
        "text": one.hypothesis.text,
        "logprob": nats(one.log10_prob),
        "score": one.score,
    }


def path_values(lattice: Lattice, best: Path) -> dict[str, Any]:
    """Return the best path of a lattice as plain values; the score is a log10, as of a list."""
    return {
        "list": lattice.name,
        "text": " ".join(best.words),
        "logprob": best.log_prob,
        "score": best.score / math.log(10),
    }
