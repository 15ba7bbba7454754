"""The task ``translation``: a line in, a line out."""

from __future__ import annotations

from collections.abc import Callable

from rnnlm_cli.config import Config
from rnnlm_cli.data.line_batches import LineBatches, decoder_block
from rnnlm_cli.data.pairs import PAIRS, Pairs
from rnnlm_cli.data.streams import Block, TextBlocks
from rnnlm_cli.evaluate.measure import PERPLEXITY, Measure
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.model.network import Network
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.tasks.two_columns import TwoColumnsTask


class TranslationTask(TwoColumnsTask[Pairs]):
    """See ``Task``."""

    reader = PAIRS

    def blocks(self, config: Config, lines: Pairs, seed: int | None) -> LineBatches:
        """Return lines with sources of about one length; see ``pair_blocks``."""
        return pair_blocks(lines, config.training.batch_size, seed)

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

    def make(chosen: Ids) -> Block:
        return decoder_block(pairs.source.padded(chosen), *pairs.after_end(chosen))

    return LineBatches(pairs.source.lengths, lines, make, seed)
