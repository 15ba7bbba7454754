"""A model and the text that it is looked at with: what the sections of its report share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from rnnlm_cli.checkpoint import Checkpoint
from rnnlm_cli.data.named import limits_of
from rnnlm_cli.data.texts import read_text
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.evaluate.perplexity import Perplexity, evaluate
from rnnlm_cli.learned.excerpt import Excerpt, read_excerpt
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.html.call import Call
from rnnlm_cli.tasks import measure_of
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.reader import InlineText, read_pieces


@dataclass(frozen=True)
class Settings:
    """What a user may choose.

    Attributes:
        tokens: How many tokens of the text are read.
        words: Words to show the neighbours of; by default some frequent ones.
        seed: Of the samples.
    """

    tokens: int
    words: Sequence[str] = ()
    seed: int = 1


@dataclass(frozen=True)
class Look:
    """A model, a text, and what is computed once for several sections.

    Attributes:
        path: The checkpoint.
        stored: Its content.
        inline: The beginning of the text; ``None`` for none.
        no_text: Why there is none.
        named: The options that name the text.
        trained_on: Whether it is known to be the model's training text.
        settings: What the user chose.
    """

    path: str
    stored: Checkpoint
    inline: InlineText | None
    no_text: str
    named: Mapping[str, Any]
    trained_on: bool
    settings: Settings

    @property
    def name(self) -> str:
        """What the model is called."""
        return Path(self.path).name

    @property
    def model(self) -> TrainedModel:
        """The model."""
        return self.stored.model

    @property
    def measure(self) -> Measure:
        """What its figures are."""
        return measure_of(self.model.config)

    @cached_property
    def text(self) -> Corpus:
        """The beginning of the text in the model's vocabulary."""
        model = self.model
        return read_text(model.config, self._inline, model.codec, model.vocabulary)

    @cached_property
    def result(self) -> Perplexity:
        """Its evaluation."""
        return evaluate(self.model, self.text)

    def excerpt(self, most: int) -> Excerpt:
        """Return the first tokens of the text."""
        limits = self.model.codec.reading_limits(limits_of(self.model.config))
        return read_excerpt(self.model, read_pieces(self._inline, limits), most)

    def call(self, command: str, **options: Any) -> Call:
        """Return a command that takes the model."""
        return Call(command, (), {"checkpoint": self.path, **options})

    def call_on_text(self, command: str, **options: Any) -> Call:
        """Return a command that takes the model and the text."""
        return self.call(command, **self.named, **options)

    @property
    def _inline(self) -> InlineText:
        if self.inline is None:
            raise UsageError(self.no_text)
        return self.inline
