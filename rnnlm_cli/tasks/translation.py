"""The task ``translation``: a line in, a line out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.columns import Known
from rnnlm_cli.data.line_batches import LineBatches
from rnnlm_cli.data.pairs import Pairs, read_pair_texts
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.evaluate.measure import PERPLEXITY, Measure
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import IGNORED, Ids
from rnnlm_cli.text.readers import Readers


class TranslationTask:
    """See ``Task``."""

    def read(
        self, config: Config, known: Known | None, use_cache: bool, extend: bool, readers: Readers
    ) -> TrainingTexts:
        """Read lines of source, tab and target."""
        return read_pair_texts(config, known)

    def training_blocks(self, config: Config, texts: TrainingTexts) -> TextBlocks:
        """Return lines with sources of about one length, shuffled in each epoch."""
        assert isinstance(texts.train, Pairs)
        return pair_blocks(texts.train, config.training.batch_size, config.training.seed)

    def validation_blocks(
        self, config: Config, texts: TrainingTexts, exact: bool = False
    ) -> TextBlocks:
        """Return lines sorted by the length of their sources."""
        assert isinstance(texts.valid, Pairs)
        return pair_blocks(texts.valid, config.training.batch_size)

    def loss(
        self, network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
    ) -> tuple[float, int]:
        """Return the cross-entropy of the targets in nats, possibly NaN, and their number."""
        return summed_nats(network, blocks, poll)

    def measure(self, config: Config) -> Measure:
        """Perplexity of the targets, their ends among them."""
        return PERPLEXITY


def pair_blocks(pairs: Pairs, lines: int, seed: int | None = None) -> LineBatches:
    """Return a text in blocks of some lines.

    A block's inputs are ids ``(S + T, B)``: the sources, and below them what the decoder reads, the
    end of a line and then each target but for its last token. Its targets are ``(T, B)``.

    Args:
        pairs: The text.
        lines: Maximum lines per block.
        seed: Shuffles each epoch; ``None`` for one fixed order.
    """
    end = int(pairs.ids[pairs.starts[0] + pairs.lengths[0] - 1])

    def make(chosen: Ids) -> Block:
        targets = pairs.padded(chosen)
        first = np.full_like(targets[:1], end)
        inputs = np.concatenate([pairs.source.padded(chosen), first, targets[:-1]])
        padding = targets == IGNORED
        return Block(inputs, targets, begins=True, padding=padding if padding.any() else None)

    return LineBatches(pairs.source.lengths, lines, make, seed)
