"""How often a classifier is right."""

from __future__ import annotations

from collections.abc import Callable

from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import IGNORED, Array


def label_log_probs(network: Network, inputs: Array) -> Array:
    """Return natural logs ``(B, L)`` of the labels of some lines, ``(T, B)`` or ``(2, T, B)``.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    with network.running():
        y, _ = network.read(inputs, network.initial_state(inputs.shape[-1]))
        log_probs = network.output.log_probs(y[0])
    return checked_log_probs(log_probs)


def wrong_labels(
    network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
) -> tuple[float, int]:
    """Return how many lines get a wrong label, and how many there are; ``poll`` is per block.

    Raises:
        DivergedError: As ``label_log_probs``.
    """
    wrong, lines = 0, 0
    for block in blocks:
        poll()
        targets = block.targets[0]
        counts = targets != IGNORED
        found = label_log_probs(network, block.inputs).argmax(axis=1)
        wrong += int(((found != targets) & counts).sum())
        lines += int(counts.sum())
    return float(wrong), lines
