"""The texts of a training as blocks, and the loop over them."""

from __future__ import annotations

from rnnlm_cli.config import Config
from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.streams import Blocks, TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.evaluate.measure import measure_of
from rnnlm_cli.evaluate.perplexity import mean_nats
from rnnlm_cli.evaluate.stream import evaluation_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.train.loop import Trainer


def trainer_of(config: Config, texts: TrainingTexts, model: Rnnlm) -> Trainer:
    """Return the loop for a model and its texts.

    Raises:
        CorpusError: A text is too short for its streams.
    """
    blocks, measure = training_blocks(config, texts), measure_of(config.model)
    if texts.valid is None:
        return Trainer(model, blocks, config.training, None, measure)
    valid = validation_blocks(config, texts)
    return Trainer(
        model, blocks, config.training, lambda poll: mean_nats(model, valid, poll), measure
    )


def training_blocks(config: Config, texts: TrainingTexts) -> TextBlocks:
    """Return what is learned from, ``training.batch_size`` streams.

    Raises:
        CorpusError: The text is too short for them.
    """
    training, end = config.training, line_end(config, texts)
    if end is not None:
        return LineBlocks(texts.train, end, training.batch_size * training.bptt)
    return Blocks(texts.train, training.batch_size, training.bptt)


def validation_blocks(config: Config, texts: TrainingTexts, exact: bool = False) -> TextBlocks:
    """Return what models are validated on.

    Args:
        config: Sizes, and how the model reads.
        texts: With one for validation.
        exact: In one stream, so that every token is predicted from all before it.

    Raises:
        CorpusError: The text is too short.
    """
    assert texts.valid is not None
    streams = 1 if exact else validation_streams(len(texts.valid), config.training)
    return evaluation_blocks(texts.valid, streams, line_end(config, texts))


def validation_streams(tokens: int, training: TrainingConfig) -> int:
    """Return how many streams validation reads: as many as training, fewer for a short text.

    The first token of a stream is predicted without what comes before it; in a stream of ten blocks
    and more that hardly shows.
    """
    return max(1, min(training.batch_size, tokens // (10 * training.bptt)))


def line_end(config: Config, texts: TrainingTexts) -> int | None:
    """Return the id that ends a line, for a model that reads each for itself."""
    end = config.corpus.end_of_line
    if config.model.direction != "bidirectional" or end is None:
        return None
    return texts.vocabulary.index[end]
