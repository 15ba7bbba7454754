"""The training and validation texts as blocks, and the trainer that reads them."""

from __future__ import annotations

from rnnlm_cli.config import Config
from rnnlm_cli.config.model import frozen_parts
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.separate_lines import SeparateLines
from rnnlm_cli.data.shares import ShareOfBlocks
from rnnlm_cli.data.streams import Blocks, TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.data.variation import Variation
from rnnlm_cli.evaluate.measure import measure_of
from rnnlm_cli.evaluate.perplexity import summed_nats
from rnnlm_cli.evaluate.stream import evaluation_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.trained import line_edge
from rnnlm_cli.nn.device import use_tf32
from rnnlm_cli.train.epochs import TextSizes
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.parallel import ALONE, Group
from rnnlm_cli.train.poll import Poll


def trainer_of(config: Config, texts: TrainingTexts, model: Rnnlm, group: Group = ALONE) -> Trainer:
    """Return the trainer of a model on its texts; parts that are to be frozen are.

    Raises:
        CorpusError: A text is too short for its streams.
    """
    model.placed().freeze(frozen_parts(config.model))
    use_tf32(config.training.precision == "tf32")
    blocks, measure = shared(training_blocks(config, texts), group), measure_of(config.model)
    sizes = TextSizes(texts.train.size, texts.valid.size if texts.valid else None)
    if texts.valid is None:
        return Trainer(model, blocks, config.training, None, measure, sizes, group)
    valid = shared(validation_blocks(config, texts), group)

    def validate(poll: Poll) -> float:
        parts = group.gather(summed_nats(model, valid, poll))
        return sum(nats for nats, _ in parts) / sum(tokens for _, tokens in parts)

    return Trainer(model, blocks, config.training, validate, measure, sizes, group)


def shared(blocks: TextBlocks, group: Group) -> TextBlocks:
    """Return the share of a text's streams that this rank has."""
    return blocks if group.size == 1 else ShareOfBlocks(blocks, group.rank, group.size)


def training_blocks(config: Config, texts: TrainingTexts) -> TextBlocks:
    """Return the blocks of the training text, in ``training.batch_size`` streams or lines.

    Raises:
        CorpusError: The text is too short for that many streams.
        UsageError: Lines are read by themselves, and the vocabulary lacks the token of their end.
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


def validation_blocks(config: Config, texts: TrainingTexts, exact: bool = False) -> TextBlocks:
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


def validation_streams(tokens: int, training: TrainingConfig) -> int:
    """Return the number of streams in validation: as many as training, fewer for a short text.

    The first token of a stream is predicted without its context. With at least ten blocks per
    stream this hardly affects the mean loss.
    """
    return max(1, min(training.batch_size, tokens // (10 * training.bptt)))
