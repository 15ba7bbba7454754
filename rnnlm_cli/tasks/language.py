"""The task ``language``: each token of a text is predicted."""

from __future__ import annotations

from collections.abc import Callable

from rnnlm_cli.config import Config
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.columns import Known
from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.separate_lines import SeparateLines
from rnnlm_cli.data.streams import Blocks, TextBlocks
from rnnlm_cli.data.texts import TrainingTexts, read_training_texts
from rnnlm_cli.data.variation import Variation
from rnnlm_cli.evaluate.measure import PERPLEXITY, PSEUDO_PERPLEXITY, Measure
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.evaluate.stream import evaluation_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import line_edge
from rnnlm_cli.text.readers import Readers


class LanguageTask:
    """See ``Task``."""

    def read(
        self, config: Config, known: Known | None, use_cache: bool, extend: bool, readers: Readers
    ) -> TrainingTexts:
        """Read the training text and, if the configuration has one, the validation text."""
        pair = None if known is None else (known.codec, known.vocabulary)
        return read_training_texts(config, pair, use_cache, extend, readers)

    def training_blocks(self, config: Config, texts: TrainingTexts) -> TextBlocks:
        """Return the blocks of the training text, in ``training.batch_size`` streams or lines.

        Raises:
            CorpusError: The text is too short for that many streams.
            UsageError: Lines are read by themselves, and the vocabulary lacks the token of
                their end.
        """
        training, end = config.training, line_edge(texts.codec, texts.vocabulary, config)
        lines, steps = training.batch_size, training.bptt
        if end is None:
            varies = training.bptt_variable or training.partial_shuffle
            variation = Variation(training.seed, training.bptt_variable, training.partial_shuffle)
            return Blocks(texts.train, lines, steps, variation if varies else None)
        if config.model.direction == "bidirectional":
            return LineBlocks(texts.train, end, lines * steps)
        return SeparateLines(texts.train, end, lines, steps, training.seed)

    def validation_blocks(
        self, config: Config, texts: TrainingTexts, exact: bool = False
    ) -> TextBlocks:
        """Return the blocks of the validation text.

        Args:
            config: Gives the sizes, and whether lines are read by themselves.
            texts: The texts; one must be for validation.
            exact: Use one stream, so that every token is predicted from all tokens before it.

        Raises:
            CorpusError: The text is too short.
        """
        assert texts.valid is not None
        streams = 1 if exact else validation_streams(len(texts.valid), config.training)
        end, both = line_edge(texts.codec, texts.vocabulary, config), config.model.direction
        return evaluation_blocks(texts.valid, streams, end, both_ways=both == "bidirectional")

    def loss(
        self, network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
    ) -> tuple[float, int]:
        """Return the cross-entropy in nats, possibly NaN, and the number of targets."""
        assert isinstance(network, Rnnlm)
        return summed_nats(network, blocks, poll)

    def measure(self, config: Config) -> Measure:
        """Perplexity, or what is like it if the model reads from both sides."""
        both = config.model.direction == "bidirectional"
        return PSEUDO_PERPLEXITY if both else PERPLEXITY


def validation_streams(tokens: int, training: TrainingConfig) -> int:
    """Return the number of streams in validation: as many as training, fewer for a short text.

    The first token of a stream is predicted without its context. With at least ten blocks per
    stream this hardly affects the mean loss.
    """
    return max(1, min(training.batch_size, tokens // (10 * training.bptt)))
