"""The report of an evaluation."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rnnlm_cli.api.arguments import Path, check_encoding, content_of, path_of
from rnnlm_cli.checks import Range, check_text
from rnnlm_cli.data.named import (
    SPLITS,
    is_training_text,
    named_limits,
    with_encoding,
    with_field,
    with_texts_of_checkpoint,
)
from rnnlm_cli.data.texts import read_split, read_text
from rnnlm_cli.errors import UsageError, quoted
from rnnlm_cli.evaluate.cautions import cautions
from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.evaluate.perplexity import Perplexity
from rnnlm_cli.evaluate.perplexity import evaluate as evaluate_corpus
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.perplexity import band_values, perplexity_values
from rnnlm_cli.tasks import measure_of
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.reader import InlineText

STREAMS = Range(1, whole=True)

IN_MEMORY = "the text"
"""What a text without a file is called."""


@dataclass(frozen=True)
class Evaluation(Perplexity):
    """What ``rnnlm eval perplexity`` reports; the other figures are those of ``Perplexity``.

    Attributes:
        corpus: What the text is called.
        checkpoint: Where the model is; empty for one in memory.
        measure: What ``perplexity`` is: a bidirectional model's is a pseudo-perplexity, which
            compares with no perplexity.
        lines: ``independent`` if each line was read by itself, else ``stream``.
        warnings: What is odd about the figures, a sentence each.
    """

    corpus: str
    checkpoint: str
    measure: Measure
    lines: str
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return all figures by the names that ``--json --by-frequency`` gives them."""
        return {
            **perplexity_values(self, self.corpus, self.checkpoint, self.measure),
            "lines": self.lines,
            "warnings": list(self.warnings),
            "by_frequency": [band_values(band) for band in self.bands],
        }


def evaluate_model(
    model: TrainedModel, checkpoint: str, text: Corpus, streams: int, trained_on: bool = False
) -> Evaluation:
    """Evaluate a model on a text that has been read.

    Args:
        model: The model.
        checkpoint: Where it is.
        text: The text.
        streams: How many parts of it to read in parallel.
        trained_on: Whether it is known to be the training text; its content may tell, too.

    Raises:
        UsageError: ``streams`` is out of range, or the model reads lines and it is not 1.
        CorpusError: There are fewer than two tokens per stream.
        DivergedError: The model has diverged.
    """
    STREAMS.check("streams", streams)
    if model.config.reads_lines and streams > 1:
        raise UsageError(
            "this model reads each line by itself", field="streams", place=str(streams)
        )
    sums = evaluate_corpus(model, text, streams)
    return Evaluation(
        **vars(sums),
        corpus=text.name,
        checkpoint=checkpoint,
        measure=measure_of(model.config),
        lines=model.config.how_read,
        warnings=tuple(cautions(model, text, sums, trained_on)),
    )


def names_training_text(
    model: TrainedModel, corpus: Path | Sequence[Path] | None, split: str | None
) -> bool:
    """Whether the text that is named is the model's training text, by its name."""
    if corpus is None:
        return split == "train"
    several = [corpus] if isinstance(corpus, str | os.PathLike) else corpus
    return is_training_text(model.config, [path_of("corpus", path) for path in several])


def read_one(
    model: TrainedModel,
    checkpoint: str,
    corpus: Path | Sequence[Path] | None,
    text: str | Iterable[str] | None,
    split: str | None,
    encoding: str | None = None,
    field: str | None = None,
) -> Corpus:
    """Read the one text that is named, in the model's vocabulary.

    A file that only the checkpoint names has to be a regular one, since the checkpoint may be a
    stranger's, and is read with the default limits.

    Raises:
        UsageError: It is not exactly one, there is no such text, or it cannot be read.
        CorpusError: It is empty or not in its encoding.
    """
    if encoding is not None:
        check_encoding(encoding)
        if text is not None:
            raise UsageError("is for a file; a text in memory is decoded", field="encoding")
    if sum(given is not None for given in (corpus, text, split)) != 1:
        raise UsageError("use exactly one of corpus, text and split")
    if field is not None:
        check_text("field", field, empty=False)
        if corpus is None:
            raise UsageError("needs corpus, a file of records", field="field", place=quoted(field))
    config, codec, vocabulary = model.config, model.codec, model.vocabulary
    if text is not None:
        inline = InlineText(IN_MEMORY, content_of(text))
        return read_text(config, inline, codec, vocabulary)
    if corpus is not None:
        several = [corpus] if isinstance(corpus, str | os.PathLike) else corpus
        if not isinstance(several, Sequence) or not several:
            raise UsageError(f"{quoted(corpus)} is not a path or several", field="corpus")
        paths = [path_of("corpus", path) for path in several]
        config = with_field(config, field)
        return read_text(config, paths, codec, vocabulary, named_limits(config, encoding))
    if split not in SPLITS:
        raise UsageError(f"{quoted(split)} is none of {', '.join(SPLITS)}", field="split")
    config = with_texts_of_checkpoint(config, checkpoint, split, tell=lambda line: None)
    config = with_encoding(config, encoding)
    return read_split(config, split, codec, vocabulary)
