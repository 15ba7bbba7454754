"""The task ``description``: a label in, a line out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.columns import Known
from rnnlm_cli.data.labelled import LabelledLines, read_labelled_texts
from rnnlm_cli.data.line_batches import LineBatches
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.evaluate.measure import PERPLEXITY, Measure
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import IGNORED, Ids
from rnnlm_cli.text.readers import Readers


class DescriptionTask:
    """See ``Task``."""

    def read(
        self, config: Config, known: Known | None, use_cache: bool, extend: bool, readers: Readers
    ) -> TrainingTexts:
        """Read lines of label, tab and text."""
        return read_labelled_texts(config, known)

    def training_blocks(self, config: Config, texts: TrainingTexts) -> TextBlocks:
        """Return lines of about one length, shuffled in each epoch."""
        assert isinstance(texts.train, LabelledLines)
        return described_blocks(config, texts.train, config.training.seed)

    def validation_blocks(
        self, config: Config, texts: TrainingTexts, exact: bool = False
    ) -> TextBlocks:
        """Return lines sorted by length."""
        assert isinstance(texts.valid, LabelledLines)
        return described_blocks(config, texts.valid)

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
        targets = lines.padded(chosen)  # (T, B)
        padding = targets == IGNORED
        end = targets[lines.lengths[chosen[0]] - 1, 0]  # each line's last token
        before = np.concatenate([np.full_like(targets[:1], end), targets[:-1]])
        ids = np.where(padding, end, before)
        inputs = np.concatenate([lines.labels[chosen][np.newaxis], ids])  # (1 + T, B)
        return Block(inputs, targets, begins=True, padding=padding if padding.any() else None)

    return LineBatches(lines.lengths, config.training.batch_size, make, seed)
