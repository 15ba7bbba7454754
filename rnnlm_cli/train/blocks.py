"""The training and validation texts as blocks, and the trainer that reads them."""

from __future__ import annotations

from rnnlm_cli.config import Config
from rnnlm_cli.config.model import frozen_parts
from rnnlm_cli.data.shares import ShareOfBlocks
from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.model.network import Network
from rnnlm_cli.tasks import measure_of, task_of
from rnnlm_cli.train.epochs import TextSizes
from rnnlm_cli.train.group import ALONE, Group
from rnnlm_cli.train.loop import Trainer
from rnnlm_cli.train.poll import Poll


def trainer_of(
    config: Config, texts: TrainingTexts, model: Network, group: Group = ALONE
) -> Trainer:
    """Return the trainer of a model on its texts; parts that are to be frozen are.

    Raises:
        CorpusError: A text is too short for its streams.
    """
    model.placed().freeze(frozen_parts(config.model))
    task, measure = task_of(config), measure_of(config)
    blocks = shared(task.training_blocks(config, texts), group)
    sizes = TextSizes(texts.train.size, texts.valid.size if texts.valid else None)
    if texts.valid is None:
        return Trainer(model, blocks, config.training, None, measure, sizes, group)
    valid = shared(validation_blocks(config, texts), group)

    def validate(poll: Poll) -> float:
        parts = group.gather(task.loss(model, valid, poll))
        return sum(loss for loss, _ in parts) / sum(number for _, number in parts)

    return Trainer(model, blocks, config.training, validate, measure, sizes, group)


def shared(blocks: TextBlocks, group: Group) -> TextBlocks:
    """Return the share of a text's streams that this rank has."""
    return blocks if group.size == 1 else ShareOfBlocks(blocks, group.rank, group.size)


def validation_blocks(config: Config, texts: TrainingTexts, exact: bool = False) -> TextBlocks:
    """Return the blocks of the validation text, as the task says; see ``Task``."""
    return task_of(config).validation_blocks(config, texts, exact)
