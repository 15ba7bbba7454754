"""How often a classifier is right, and which labels it takes for which."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.model.bounds import checked_log_probs
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.system.arrays import IGNORED, Array, Ids

LINES_AT_ONCE = 32
"""Lines per block."""


class LabelFigures(NamedTuple):
    """How well one label is found."""

    label: str
    lines: int  # that have it
    found: int  # that get it
    precision: float  # of those that get it, the share that have it; 0 if none gets it
    recall: float  # of those that have it, the share that get it; 0 if none has it
    f1: float  # the harmonic mean of both


@dataclass(frozen=True)
class Accuracy:
    """The counts of an evaluation; reported figures are derived from them.

    Attributes:
        labels: All labels.
        confusion: ``(L, L)``, how many lines with the label of the row get that of the column.
        nats: ``-log p`` of the right labels, summed over all lines.
    """

    labels: tuple[str, ...]
    confusion: Ids
    nats: float

    @property
    def lines(self) -> int:
        """The number of lines."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of lines that get the right label."""
        return int(np.trace(self.confusion)) / self.lines

    @property
    def nats_per_line(self) -> float:
        """Mean cross-entropy of the right labels."""
        return self.nats / self.lines

    @property
    def by_label(self) -> list[LabelFigures]:
        """The figures of each label."""
        return [self._figures(k) for k in range(len(self.labels))]

    @property
    def macro_f1(self) -> float:
        """The mean of the labels' F1, each label alike, without those that no line has or gets."""
        f1 = [one.f1 for one in self.by_label if one.lines or one.found]
        return sum(f1) / len(f1)

    def _figures(self, k: int) -> LabelFigures:
        right = int(self.confusion[k, k])
        lines, found = int(self.confusion[k].sum()), int(self.confusion[:, k].sum())
        return LabelFigures(
            self.labels[k],
            lines,
            found,
            right / max(found, 1),
            right / max(lines, 1),
            2 * right / max(lines + found, 1),
        )


def block_log_probs(network: Network, inputs: Ids) -> Array:
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
        DivergedError: As ``block_log_probs``.
    """
    wrong, lines = 0, 0
    for block in blocks:
        poll()
        targets = block.targets[0]
        counts = targets != IGNORED
        found = block_log_probs(network, block.inputs).argmax(axis=1)
        wrong += int(((found != targets) & counts).sum())
        lines += int(counts.sum())
    return float(wrong), lines


def measure_accuracy(model: TrainedNetwork, blocks: TextBlocks) -> Accuracy:
    """Give each line of a text its label, and count.

    Raises:
        DivergedError: As ``block_log_probs``.
    """
    labels = model.labels
    confusion, nats = np.zeros((len(labels), len(labels)), np.int64), 0.0
    for block in blocks:
        targets, log_probs = block.targets[0], block_log_probs(model.network, block.inputs)
        np.add.at(confusion, (targets, log_probs.argmax(axis=1)), 1)
        nats -= math.fsum(np.take_along_axis(log_probs, targets[:, np.newaxis], axis=1)[:, 0])
    return Accuracy(labels, confusion, nats)


def label_log_probs(model: TrainedNetwork, texts: Sequence[str]) -> Array:
    """Return natural logs ``(n, L)`` of the labels of some lines, in their order.

    Raises:
        DivergedError: As ``block_log_probs``.
    """
    lines = [model.encode(text, ends_line=True) for text in texts]
    order = np.argsort([len(line) for line in lines], kind="stable")
    found = np.empty((len(texts), len(model.labels)))
    for start in range(0, len(order), LINES_AT_ONCE):
        chosen = order[start : start + LINES_AT_ONCE]
        inputs = side_by_side([lines[k] for k in chosen])
        if model.network.bidirectional:
            turned = [np.append(lines[k][-2::-1], lines[k][-1]) for k in chosen]
            inputs = np.stack([inputs, side_by_side(turned)])
        found[chosen] = block_log_probs(model.network, inputs)
    return found


def side_by_side(lines: Sequence[Ids]) -> Ids:
    """Return lines as columns ``(T, B)``, with -1 after each.

    >>> side_by_side([np.array([4, 0]), np.array([5, 6, 0])]).T.tolist()
    [[4, 0, -1], [5, 6, 0]]
    """
    block = np.full((max(map(len, lines)), len(lines)), IGNORED, np.int64)
    for k, line in enumerate(lines):
        block[: len(line), k] = line
    return block
