"""A network that grows by new tokens."""

from __future__ import annotations

from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.system.arrays import Array


def add_tokens(network: Rnnlm, unknown: int, shares: Array) -> None:
    """Add tokens at the end that take their shares of the unknown token's probability alone.

    Each new token starts with the unknown token's embedding and weights, so that after any tokens,
    new ones among them, the probability of every other token is the one before, and so is the sum
    of those of the unknown and the new tokens (``OutputLayer.split``). No noise is needed to tell
    new tokens apart: each gets gradients from its own occurrences. If the unknown token never
    occurred in training, its embedding is as it was drawn and its probability is tiny, and so are
    those of the new tokens until they are trained.

    Args:
        network: The network to change.
        unknown: The id of the unknown token.
        shares: ``(1 + n,)`` float64 of sum 1: the share that the unknown token keeps, then those
            of the ``n`` new tokens.

    Raises:
        UsageError: An adaptive output layer cannot do it; nothing is changed.
    """
    weight = network.embedding.weight
    known, new = len(weight.value), len(shares) - 1
    network.output.split(unknown, shares)
    if len(weight.value) == known:  # not shared with the output layer
        weight.repeat_row(unknown, new)
