"""How many tokens back still matter to a model's predictions.

Khandelwal, He, Qi and Jurafsky (2018): the loss of a network that sees only the last ``n`` tokens
shows how far it looks back; the loss where all tokens further back are in random order shows from
where on it knows which tokens there were, and no longer in which order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.model import checked_log_probs
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.corpus import Corpus

CONTEXT = Range(2, 10_000, whole=True)
"""Tokens that are read before a target."""

TARGETS = Range(2, 100_000, whole=True)
"""How many targets."""

STEPS = 32
"""Steps per block."""

WITHIN = 0.01
"""A loss that is above that with the whole context by at most this share counts as equal."""


class Distance(NamedTuple):
    """The loss at one distance, mean over the targets; errors are standard errors of the mean."""

    tokens: int  # n
    truncated: float  # added nats if only the last n tokens are read
    truncated_error: float
    shuffled: float  # added nats if all tokens before the last n are in random order
    shuffled_error: float


class Memory(NamedTuple):
    """How the loss depends on what was read.

    Attributes:
        context: How many tokens were read for ``nats``.
        targets: Over how many targets the means are.
        nats: The mean loss with the whole context.
        distances: Added losses, the shortest distance first; the last is the whole context.
    """

    context: int
    targets: int
    nats: float
    distances: list[Distance]

    @property
    def looks_back(self) -> int:
        """From how many tokens on the loss is within ``WITHIN`` of that with all of them."""
        return self._from(lambda one: one.truncated)

    @property
    def order_matters(self) -> int:
        """Beyond how many tokens their order changes the loss by at most that share."""
        return self._from(lambda one: one.shuffled)

    def _from(self, added: Callable[[Distance], float]) -> int:
        least = self.context
        for one in reversed(self.distances):
            if added(one) > WITHIN * self.nats:
                break
            least = one.tokens
        return least


def distances_up_to(context: int) -> list[int]:
    """Return 1, 2, 5, 10, 20, 50, ... up to the context, which is the last one."""
    found, ten = [], 1
    while ten < context:
        found += [ten * k for k in (1, 2, 5) if ten * k < context]
        ten *= 10
    return [*found, context]


def measure_memory(
    model: TrainedModel,
    text: Corpus,
    context: int,
    targets: int,
    rng: np.random.Generator,
    poll: Callable[[int], object] = lambda steps: None,
) -> Memory:
    """Measure how the loss depends on what was read.

    Each target is predicted after ``context`` tokens, read from the zero state, from ``n`` of them,
    and from all with those before the last ``n`` shuffled.

    Args:
        model: A left-to-right model that reads a text as one stream.
        text: The text.
        context: How many tokens to read.
        targets: How many targets, evenly spaced in the text.
        rng: Shuffles.
        poll: Called with the number of steps that were read.

    Raises:
        UsageError: The model is bidirectional or reads each line by itself.
        CorpusError: The text is shorter than the context.
    """
    check_reads_on(model)
    if len(text) < context + 2:
        raise CorpusError(
            f"{len(text):,} tokens are too few for a context of {context:,}; use a longer text or "
            "a shorter context",
            place=text.name,
        )
    places = np.unique(np.linspace(context, len(text) - 1, targets).astype(np.int64))
    back = np.arange(-context, 0)[:, np.newaxis]
    windows = np.asarray(text.ids)[places + back].astype(np.int64)  # (context, K)
    aims = np.asarray(text.ids)[places].astype(np.int64)
    whole = _nats(model, windows, aims, poll)
    found = []
    for n in distances_up_to(context)[:-1]:
        cut = _nats(model, windows[-n:], aims, poll) - whole
        far = rng.permuted(windows[:-n], axis=0)
        mixed = _nats(model, np.concatenate([far, windows[-n:]]), aims, poll) - whole
        found.append(Distance(n, *_mean(cut), *_mean(mixed)))
    found.append(Distance(context, 0.0, 0.0, 0.0, 0.0))
    return Memory(context, len(places), float(whole.mean()), found)


def check_reads_on(model: TrainedModel) -> None:
    """Check that a model reads a text as one stream.

    Raises:
        UsageError: It is bidirectional or reads each line by itself.
    """
    model.require_left_to_right("read a text from left to right")
    if model.begins_each_line:
        raise UsageError(
            "the model reads each line by itself (training.lines: independent), so nothing before "
            "the line matters; use a model with training.lines: stream"
        )


def steps_of(context: int) -> int:
    """Return how many steps ``measure_memory`` reads."""
    return context + sum(n + context for n in distances_up_to(context)[:-1])


def _nats(model: TrainedModel, ids: Ids, targets: Ids, poll: Callable[[int], object]) -> Array:
    """Return ``-log p`` of the targets ``(K,)`` after ids ``(n, K)``, float64."""
    network = model.network
    state = network.initial_state(ids.shape[1])
    with network.running():
        for block in _blocks(ids):
            h, state = network.read(block, state)
            poll(len(block))
        log_probs = network.output.target_log_probs(h[-1:], targets[np.newaxis])[0]
    return -checked_log_probs(log_probs)


def _blocks(ids: Ids) -> Iterator[Ids]:
    return (ids[begin : begin + STEPS] for begin in range(0, len(ids), STEPS))


def _mean(values: Array) -> tuple[float, float]:
    """Return the mean, and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
