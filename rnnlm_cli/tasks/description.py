"""The task ``description``: a label in, a line out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.labelled import LABELLED, LabelledLines
from rnnlm_cli.data.line_batches import LineBatches, decoder_block
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.evaluate.measure import PERPLEXITY, Measure
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import IGNORED, Ids
from rnnlm_cli.tasks.two_columns import TwoColumnsTask


class DescriptionTask(TwoColumnsTask[LabelledLines]):
    """See ``Task``."""

    reader = LABELLED

    def blocks(self, config: Config, lines: LabelledLines, seed: int | None) -> LineBatches:
        """Return lines of about one length; see ``described_blocks``."""
        return described_blocks(config, lines, seed)

    def loss(
        self, network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
    ) -> tuple[float, int]:
        """Return the cross-entropy in nats, possibly NaN, and the number of tokens."""
        assert isinstance(network, Describer)
        return summed_nats(network, blocks, poll)

    def measure(self, config: Config) -> Measure:
        """Perplexity of the lines, each given its label."""
        return PERPLEXITY


def described_blocks(config: Config, lines: LabelledLines, seed: int | None = None) -> LineBatches:
    """Return a text in blocks of ``training.batch_size`` lines, as ``Describer`` reads them.

    Each line is read after an end of line, and predicts its tokens and its own end.
    """

    def make(chosen: Ids) -> Block:
        before, targets = lines.after_end(chosen)
        before = np.where(targets == IGNORED, before[0], before)  # padding may read any id
        return decoder_block(lines.labels[chosen][np.newaxis], before, targets)

    return LineBatches(lines.lengths, config.training.batch_size, make, seed)
