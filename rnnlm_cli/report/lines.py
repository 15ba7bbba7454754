"""Scores of tokens, lines and hypotheses as table rows and as values for JSON, in nats.

The forms of other programs are in ``score_forms``.
"""

from __future__ import annotations

import math
from typing import Any

from rnnlm_cli.evaluate.line_scores import Line, Totals
from rnnlm_cli.exchange.nbest_formats import Rescored
from rnnlm_cli.report.table import visible


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
        "text": line.text,
    }


def line_row(line: Line, own: Totals) -> str:
    """Return a line's row: nats, tokens, unknown tokens, text."""
    return f"{nats(own.log10_prob):.6f}\t{own.tokens}\t{own.unknown}\t{line.text}"


def hypothesis_values(one: Rescored) -> dict[str, Any]:
    """Return a rescored hypothesis of an n-best list as plain values."""
    return {
        "line": one.hypothesis.line,
        "list": one.hypothesis.group,
        "text": one.hypothesis.text,
        "logprob": nats(one.log10_prob),
        "score": one.score,
    }
