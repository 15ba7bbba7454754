"""Two models on one text: whether one is better, or only luckier."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.perplexity import target_log_probs
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.layer import Array, Ids
from rnnlm_cli.text.corpus import Corpus

RESAMPLES = 10_000


class Comparison(NamedTuple):
    """The difference of two mean cross-entropies, the second less the first, in nats a token."""

    difference: float
    low: float  # of the 95% interval
    high: float
    lines: int
    better: float  # the share of lines on which the second model is the better one


def line_nats(model: Rnnlm, text: Corpus, line_end: int) -> tuple[Array, Ids]:
    """Score a text; return nats and numbers of targets of each line, ``(L,)`` each.

    The state is carried from line to line; the first token of all is no target.
    """
    nats = -target_log_probs(model, text)
    line = np.cumsum(text.ids == line_end)[:-1]  # of each target: how many lines ended before it
    return np.bincount(line, nats), np.bincount(line)


def compare(first: Array, second: Array, tokens: Ids, seed: int = 0) -> Comparison:
    """Compare two models by a paired bootstrap over lines (Koehn, 2004).

    Lines are drawn with replacement, each with both its scores, and the difference is computed
    anew. Tokens of a line hang together, so lines and not tokens are drawn.

    Args:
        first: ``(L,)`` nats of each line under the first model.
        second: Under the second.
        tokens: ``(L,)`` of each line, the same for both.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    gained = second - first  # (L,)
    drawn = np.empty(RESAMPLES)
    for k in range(RESAMPLES):
        lines = rng.integers(len(tokens), size=len(tokens))
        drawn[k] = gained[lines].sum() / max(tokens[lines].sum(), 1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    difference = float(gained.sum() / tokens.sum())
    return Comparison(difference, float(low), float(high), len(tokens), float((gained < 0).mean()))
