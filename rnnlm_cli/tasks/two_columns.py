"""What tasks on lines of two columns share: texts that are read whole, in blocks of whole lines."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, cast

from rnnlm_cli.config import Config
from rnnlm_cli.data.columns import ColumnsReader, Known, OwnLines
from rnnlm_cli.data.line_batches import LineBatches
from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.text.readers import Readers


class TwoColumnsTask(ABC, Generic[OwnLines]):
    """See ``Task``; a subclass adds its loss and its measure.

    Attributes:
        reader: Reads the texts.
    """

    reader: ColumnsReader[OwnLines]

    @abstractmethod
    def blocks(self, config: Config, lines: OwnLines, seed: int | None) -> LineBatches:
        """Return a text in blocks of lines of about one length.

        Args:
            config: Gives the number of lines.
            lines: The text.
            seed: Shuffles each epoch; ``None`` for one fixed order.
        """

    def read(
        self, config: Config, known: Known | None, use_cache: bool, extend: bool, readers: Readers
    ) -> TrainingTexts:
        """Read the lines; they are neither cached nor read together."""
        return self.reader.of_training(config, known)

    def training_blocks(self, config: Config, texts: TrainingTexts) -> TextBlocks:
        """Return lines of about one length, shuffled in each epoch."""
        return self.blocks(config, cast(OwnLines, texts.train), config.training.seed)

    def validation_blocks(
        self, config: Config, texts: TrainingTexts, exact: bool = False
    ) -> TextBlocks:
        """Return lines sorted by length."""
        return self.blocks(config, cast(OwnLines, texts.valid), None)
