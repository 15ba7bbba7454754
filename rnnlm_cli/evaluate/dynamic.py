"""Dynamic evaluation: a model keeps learning from the text on which it is scored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.errors import DivergedError, TrainingError
from rnnlm_cli.evaluate.stream import Scored, read_blocks
from rnnlm_cli.model import Rnnlm, checked_log_probs
from rnnlm_cli.model.network import NetworkPass
from rnnlm_cli.system.arrays import Array

SEGMENT_TOKENS = 20
"""Tokens that are scored before the model learns from them."""


class DynamicSettings(NamedTuple):
    """Settings of dynamic evaluation.

    Attributes:
        learning_rate: Of plain SGD, on the mean loss of a segment.
        decay: Each step moves the weights back towards the initial ones by this share.
    """

    learning_rate: float
    decay: float = 0.0


def score_dynamically(
    network: Rnnlm, blocks: TextBlocks, settings: DynamicSettings
) -> Iterator[Scored]:
    """Score a text segment by segment; after each, take a step of SGD on it.

    (Mikolov et al., 2010; with decay to the initial weights: Krause et al., 2018.) A segment is
    scored before the model learns from it. At the end the initial weights are restored.

    Raises:
        TrainingError: The model diverges (see ``model/bounds.py``).
    """
    with weights_kept(network) as first:

        def learn(block: Block, h: Array, tape: NetworkPass) -> None:
            network.zero_grad()
            with network.running():
                loss = network.output.loss_and_gradients(h, block.targets)
                tape.backward(loss.dh, network.initial_state(block.streams))
                tape.finish()
                for name, param in network.params.items():
                    param.descend(settings.learning_rate)
                    if settings.decay:
                        param.value += settings.decay * (first[name] - param.value)

        for number, scored in enumerate(read_blocks(network, blocks, learn), 1):
            try:
                checked_log_probs(scored.log_probs)
            except DivergedError:
                raise TrainingError(
                    f"the model diverges in segment {number}; use a lower rate",
                    field="dynamic",
                    place=f"{settings.learning_rate:g}",
                ) from None
            yield scored


@contextmanager
def weights_kept(network: Rnnlm) -> Iterator[dict[str, Array]]:
    """Yield copies of a network's weights; restore the weights at the end."""
    first = {name: param.value.copy() for name, param in network.params.items()}
    try:
        yield first
    finally:
        for name, param in network.params.items():
            param.value[...] = first[name]
            param.zero_grad()
