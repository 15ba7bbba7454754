"""Dynamic evaluation: a model keeps learning from the text on which it is scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.errors import DivergedError, TrainingError
from rnnlm_cli.evaluate.stream import Scored, read_blocks
from rnnlm_cli.model import Rnnlm, checked_log_probs
from rnnlm_cli.model.gradient_rms import GradientRms
from rnnlm_cli.model.network import NetworkPass
from rnnlm_cli.system.arrays import Array

SEGMENT_TOKENS = 20
"""Tokens that are scored before the model learns from them, if nothing else is asked for."""

EPSILON = 2e-5
"""The published value of what is added to the root mean squares."""

TINY = 1e-30
"""Stands for an average of zero: of a model whose gradients are all zero."""


class DynamicSettings(NamedTuple):
    """Settings of dynamic evaluation.

    Attributes:
        learning_rate: On the mean loss of a segment.
        decay: Each step moves the weights back towards the initial ones by this share; with root
            mean squares, by this share on average.
        epsilon: Added to the root mean squares; ``None`` for plain SGD.
        segment: Tokens that are scored before the model learns from them.
    """

    learning_rate: float
    decay: float = 0.0
    epsilon: float | None = None
    segment: int = SEGMENT_TOKENS


def score_dynamically(
    network: Rnnlm, blocks: TextBlocks, settings: DynamicSettings, rms: GradientRms | None = None
) -> Iterator[Scored]:
    """Score a text segment by segment; after each, take a step on it.

    A segment is scored before the model learns from it. At the end the initial weights are
    restored. Without ``rms`` the step is plain SGD (Mikolov et al., 2010), then the decay. With the
    root mean square ``m`` of the gradients of training, ``m'`` its average over all weights, both
    are scaled weight by weight (Krause et al., 2018)::

        w += min(decay m / m', 1) (w_first - w) - learning_rate g / (m + epsilon)

    Args:
        network: A left-to-right network.
        blocks: The text, in blocks of ``settings.segment`` tokens.
        settings: How it learns.
        rms: Of the gradients of training; given if and only if ``settings.epsilon`` is.

    Raises:
        TrainingError: The model diverges (see ``model/bounds.py``).
    """
    with weights_kept(network) as first:
        step = step_of(network, first, settings, rms)

        def learn(block: Block, h: Array, tape: NetworkPass) -> None:
            network.zero_grad()
            with network.running():
                loss = network.output.loss_and_gradients(h, block.targets)
                tape.backward(loss.dh, network.initial_state(block.streams))
                tape.finish()
                step()

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


def step_of(
    network: Rnnlm, first: dict[str, Array], settings: DynamicSettings, rms: GradientRms | None
) -> Callable[[], None]:
    """Return a function that takes a step: of plain SGD with decay, or scaled by ``rms``."""
    if rms is not None:
        return rms_step(network, first, settings, rms)

    def step() -> None:
        for name, param in network.params.items():
            param.descend(settings.learning_rate)
            if settings.decay:
                param.value += settings.decay * (first[name] - param.value)

    return step


def rms_step(
    network: Rnnlm, first: dict[str, Array], settings: DynamicSettings, rms: GradientRms
) -> Callable[[], None]:
    """Return a function that takes a step scaled by the root mean squares."""
    epsilon, share = settings.epsilon or 0.0, settings.decay / max(rms.average, TINY)
    rates = {name: settings.learning_rate / (m + epsilon) for name, m in rms.values.items()}
    pulls = {name: np.minimum(share * m, 1) for name, m in rms.values.items()}

    def step() -> None:
        for name, param in network.params.items():
            if settings.decay:
                param.approach(first[name], pulls[name])
            param.descend(rates[name])

    return step


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
