"""The task ``classification``: a line in, a label out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.labelled import LABELLED, LabelledLines
from rnnlm_cli.data.line_batches import LineBatches
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.evaluate.accuracy import wrong_labels
from rnnlm_cli.evaluate.measure import ACCURACY, Measure
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.tasks.two_columns import TwoColumnsTask


class ClassificationTask(TwoColumnsTask[LabelledLines]):
    """See ``Task``."""

    reader = LABELLED

    def blocks(self, config: Config, lines: LabelledLines, seed: int | None) -> LineBatches:
        """Return lines of about one length; see ``labelled_blocks``."""
        return labelled_blocks(config, lines, seed)

    def loss(
        self, network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
    ) -> tuple[float, int]:
        """Return how many lines get a wrong label, and how many there are."""
        return wrong_labels(network, blocks, poll)

    def measure(self, config: Config) -> Measure:
        """The share of lines with the right label."""
        return ACCURACY


def labelled_blocks(config: Config, lines: LabelledLines, seed: int | None = None) -> LineBatches:
    """Return a text in blocks of ``training.batch_size`` lines; each has one target, its label."""
    both = config.model.direction == "bidirectional"

    def make(chosen: Ids) -> Block:
        inputs = lines.padded(chosen)
        if both:
            inputs = np.stack([inputs, lines.padded(chosen, from_right=True)])
        return Block(inputs, lines.labels[chosen][np.newaxis], begins=True)

    return LineBatches(lines.lengths, config.training.batch_size, make, seed)
