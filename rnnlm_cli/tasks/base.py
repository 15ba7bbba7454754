"""What a task adds to the training of its network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from rnnlm_cli.config import Config
from rnnlm_cli.data.columns import Known
from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.text.readers import Readers


def known_by(model: TrainedNetwork) -> Known:
    """Return what a model knows of texts."""
    return Known(model.codec, model.vocabulary, model.labels)


class Task(Protocol):
    """A kind of ``task`` in the configuration: one file here, and one row in ``TASKS``.

    A training asks these five questions, and does all else as for a language model: steps,
    clipping, schedules, averages, dropout, the guard, validation, files, logs, resuming. The task's
    network (``model/networks.py``) gives the loss of a block and its gradients, through
    ``begin``, ``forward``, its output layer and ``backward``, see ``Network``. So a block holds

    - ``inputs``, ids ``(..., B)`` in any arrangement that the network takes, one column per line;
    - ``targets``, ``(T, B)``: what the output layer predicts at each row of the network's ``h``,
      -1 where there is nothing to predict.

    Columns must not depend on each other: several processes divide a block by them.
    """

    def read(
        self, config: Config, known: Known | None, use_cache: bool, extend: bool, readers: Readers
    ) -> TrainingTexts:
        """Read the texts to train and to validate on.

        Args:
            config: Names the texts.
            known: Codec, vocabulary and labels of a model to train further; ``None`` makes them
                from the training text.
            use_cache: Cache the ids of a large text beside it.
            extend: Add the text's new types to the known vocabulary.
            readers: The processes that train together; a large text they may read together.

        Raises:
            UsageError, CorpusError: A file is missing, or is not a text for this task; names file
                and line.
        """

    def training_blocks(self, config: Config, texts: TrainingTexts) -> TextBlocks:
        """Return the blocks to train on, in an order of each epoch's own if they are shuffled."""

    def validation_blocks(
        self, config: Config, texts: TrainingTexts, exact: bool = False
    ) -> TextBlocks:
        """Return the blocks of the validation text, of which there is one.

        Args:
            config: Gives the sizes.
            texts: The texts.
            exact: Whether each figure must be exact, for the end of a training.
        """

    def loss(
        self, network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
    ) -> tuple[float, int]:
        """Return a sum over blocks, and over how many it is: models are ranked by the mean.

        The lower mean is better. ``poll`` is called before each block. The mean may be NaN, which
        ends a training.

        Raises:
            DivergedError: The model has diverged.
        """

    def measure(self, config: Config) -> Measure:
        """Return what this mean is reported as."""
