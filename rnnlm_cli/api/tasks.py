"""Models for other tasks than language, as objects."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from rnnlm_cli import checkpoint
from rnnlm_cli.api.arguments import Path, check_encoding, lines_of, path_of
from rnnlm_cli.api.language_model import LanguageModel
from rnnlm_cli.api.machine import choose_threads
from rnnlm_cli.api.training import run_training
from rnnlm_cli.checks import check_text
from rnnlm_cli.config import Config
from rnnlm_cli.config.task import Classification, Description, TaskConfig
from rnnlm_cli.data.columns import ColumnsReader, OwnLines
from rnnlm_cli.data.labelled import LABELLED
from rnnlm_cli.data.named import SPLITS, named_limits, with_encoding, with_texts_of_checkpoint
from rnnlm_cli.data.rows import check_line
from rnnlm_cli.errors import UsageError, quoted
from rnnlm_cli.evaluate.accuracy import Accuracy, label_log_probs, measure_accuracy
from rnnlm_cli.model.trained import TrainedNetwork, given_label, require_task
from rnnlm_cli.report.labels import label_values
from rnnlm_cli.tasks import known_by
from rnnlm_cli.tasks.classification import labelled_blocks
from rnnlm_cli.train.events import Event

Own = TypeVar("Own", bound="TaskModel")


class TaskModel:
    """A trained model for one task.

    Attributes:
        model: Network, codec, vocabulary, labels, configuration and history.
        path: Where it was read from; empty for one in memory.
    """

    task: ClassVar[type[TaskConfig]]

    def __init__(self, model: TrainedNetwork, path: str = "") -> None:
        self.model = model
        self.path = path

    def __repr__(self) -> str:
        config, size = self.model.config.model, len(self.model.vocabulary)
        labels = f", {len(self.labels):,} labels" if self.labels else ""
        return (
            f"<{type(self).__name__} {self.path or 'in memory'}: {config.cell} of "
            f"{config.hidden_size}, {size:,} tokens{labels}>"
        )

    @property
    def labels(self) -> list[str]:
        """All labels."""
        return list(self.model.labels)

    @classmethod
    def load(cls: type[Own], path: Path, *, threads: int | None = None) -> Own:
        """Read a trained model; no code in the file is run.

        Args:
            path: The checkpoint, ``NAME.pkl``.
            threads: As for ``rnnlm_cli.load``.

        Raises:
            UsageError: There is no such file, its model is for another task, or ``threads`` is out
                of range.
            CheckpointError: It is not a valid checkpoint.
        """
        name = path_of("path", path)
        choose_threads(threads)
        model = checkpoint.load_any(name).model
        require_task(name, model.config, cls.task)
        return cls(model, name)

    @classmethod
    def train(
        cls: type[Own],
        config: Path | Mapping[str, Any] | Config,
        *,
        overrides: Mapping[str, Any] | None = None,
        resume: bool = False,
        overwrite: bool = False,
        on_event: Callable[[Event], None] | None = None,
    ) -> Own:
        """Train a model, and return the best one; arguments and errors are as ``rnnlm_cli.train``.

        Raises:
            UsageError: The configuration is for another task, or as ``rnnlm_cli.train``.
        """
        return cls.load(
            run_training(
                cls.task,
                config,
                overrides=overrides,
                resume=resume,
                overwrite=overwrite,
                on_event=on_event,
            )
        )

    def _lines(
        self,
        reader: ColumnsReader[OwnLines],
        corpus: Path | Sequence[Path] | None,
        split: str | None,
        encoding: str | None,
    ) -> OwnLines:
        """Read the text that is named, as ``LanguageModel.evaluate`` does.

        Args:
            reader: Reads them.
            corpus: The files.
            split: Or which of the texts.
            encoding: Of the files.
        """
        if (corpus is None) == (split is None):
            raise UsageError("use exactly one of corpus and split")
        if encoding is not None:
            check_encoding(encoding)
        config, known = self.model.config, known_by(self.model)
        if corpus is not None:
            several = [corpus] if isinstance(corpus, str | os.PathLike) else corpus
            paths = [path_of("corpus", path) for path in several]
            return reader.one(config, paths, known, named_limits(config, encoding))
        if split not in SPLITS:
            raise UsageError(f"{quoted(split)} is none of {', '.join(SPLITS)}", field="split")
        config = with_texts_of_checkpoint(config, self.path, split, tell=lambda line: None)
        return reader.split(with_encoding(config, encoding), split, known)


@dataclass(frozen=True)
class Labelled:
    """A line with its label.

    Attributes:
        text: The line.
        label: The most probable label.
        probability: Its probability.
        probabilities: Those of all labels, the most probable one first.
    """

    text: str
    label: str
    probability: float
    probabilities: dict[str, float]


class Classifier(TaskModel):
    """A model of ``task.kind: classification``: it gives lines their labels."""

    task = Classification

    def label(self, text: str) -> Labelled:
        """Return the label of a line, and the probabilities of all.

        Raises:
            UsageError: It is not text, empty, or has a newline or a tab.
            DivergedError: The model has diverged.
        """
        check_text("text", text)
        check_line(text)
        return self.label_lines([text])[0]

    def label_lines(self, text: str | Iterable[str]) -> list[Labelled]:
        """Return the labels of all lines of a text, or of several lines; a blank line has one too.

        Raises:
            UsageError: It is not text.
            DivergedError: The model has diverged.
        """
        lines = lines_of(text)
        log_probs = label_log_probs(self.model, lines)
        return [
            Labelled(**label_values(line, self.model.labels, own))
            for line, own in zip(lines, log_probs, strict=True)
        ]

    def evaluate(
        self,
        corpus: Path | Sequence[Path] | None = None,
        *,
        split: str | None = None,
        encoding: str | None = None,
    ) -> Accuracy:
        """Return how often the model is right on lines of label, tab and text.

        Args:
            corpus: A text file, or several that are one text.
            split: Or ``"train"``, ``"valid"`` or ``"test"``: that text of the model's config.
            encoding: The encoding of the files, as for ``LanguageModel.evaluate``.

        Raises:
            UsageError: Not exactly one text is named, or it cannot be read.
            CorpusError: A line is not label, tab and text, or has a label that the model lacks.
            DivergedError: The model has diverged.
        """
        lines = self._lines(LABELLED, corpus, split, encoding)
        return measure_accuracy(self.model, labelled_blocks(self.model.config, lines))


class Describer(TaskModel):
    """A model of ``task.kind: description``: it writes lines for labels."""

    task = Description

    def given(self, label: str) -> LanguageModel:
        """Return the language model of the lines of one label; it shares all weights.

        Raises:
            UsageError: It is not a label of the model.

        Its ``generate(until_sentences=1)`` writes such a line.
        """
        return LanguageModel(given_label(self.model, label), self.path)
