"""How large the gradients are on the training text, for dynamic evaluation."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from rnnlm_cli.data.streams import Blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.gradient_rms import GradientRms, SquaredGradients
from rnnlm_cli.text.corpus import Corpus

STREAMS = 100
"""Parallel streams of the training text, as in the published program."""

MOST_BLOCKS = 10_000
"""Blocks that are read at most: of a longer text the beginning of each stream, at as many places of
the text as there are streams."""


def gather_rms(
    network: Rnnlm, text: Corpus, segment: int, read: Callable[[int], object] = lambda tokens: None
) -> GradientRms:
    """Read the training text once, and return the root mean square of each weight's gradient.

    (Krause et al., 2018.) The gradient is that of the mean loss of a block: ``STREAMS`` streams, or
    fewer of a short text, and as many steps as dynamic evaluation has tokens in a segment. The
    state is carried on; nothing is dropped.

    Args:
        network: The network; its weights stay as they are.
        text: The training text.
        segment: Steps of a block.
        read: Called after each block with the number of its tokens.

    Raises:
        CorpusError: The text has fewer than two tokens.
    """
    streams = max(1, min(STREAMS, (len(text) - 1) // segment))
    blocks, squares = Blocks(text, streams, segment), SquaredGradients(network)
    state = zeros = network.initial_state(streams)
    try:
        for block in islice(blocks, MOST_BLOCKS):
            network.zero_grad()
            with network.running():
                tape = network.begin(block.steps, block.streams)
                h, state = tape.forward(block.inputs, state)
                tape.backward(network.output.loss_and_gradients(h, block.targets).dh, zeros)
                tape.finish()
                squares.add()
            read(int((block.targets >= 0).sum()))
    finally:
        network.zero_grad()
    return squares.rms(segment)


def tokens_to_read(text: Corpus, segment: int) -> int:
    """Return about how many tokens ``gather_rms`` reads."""
    return min(len(text) - 1, MOST_BLOCKS * STREAMS * segment)
