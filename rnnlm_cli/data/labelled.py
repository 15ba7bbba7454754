"""Texts of labelled lines, ``label<TAB>text``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from unicodedata import normalize

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.columns import Known, Lines, learned, read_lines
from rnnlm_cli.data.named import split_sources
from rnnlm_cli.data.rows import Rows, read_rows, read_training_rows
from rnnlm_cli.data.texts import TrainingTexts, codec_of
from rnnlm_cli.errors import CorpusError, shortened
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.codec.base import Codec
from rnnlm_cli.text.reader import Limits, Source

COLUMNS = ("label", "text")


@dataclass(frozen=True, kw_only=True)
class LabelledLines(Lines):
    """Lines with a label each.

    Attributes:
        labels: ``(L,)``, the label of each line, by its place among all labels.
    """

    labels: Ids

    @cached_property
    def digest(self) -> str:
        """SHA-256 of labels and ids, hexadecimal."""
        return sha256(self.labels.tobytes() + np.asarray(self.ids).tobytes()).hexdigest()


def read_labelled_texts(config: Config, known: Known | None = None) -> TrainingTexts:
    """Read the training text and, if the configuration has one, the validation text.

    A fraction as ``corpus.valid`` holds out lines at the end.

    Args:
        config: Names the texts.
        known: What a model to train further knows; ``None`` learns it from the training text.

    Raises:
        UsageError, CorpusError: A file is missing, or a line is not as it should be.
    """
    codec = known.codec if known else codec_of(config)
    rows, held_out = read_training_rows(config, lambda text: labelled_rows(config, text, codec))
    if known is None:
        known = learned(config, rows.name, rows.right)
        known = known._replace(labels=tuple(sorted(set(rows.left))))
        if len(known.labels) < 2:
            raise CorpusError(
                f"{rows.name}: every line has the label {shortened(rows.left[0])}; at least two "
                "labels are needed"
            )
    train = labelled_lines(config, rows, known)
    held = None if held_out is None else labelled_lines(config, held_out, known)
    return TrainingTexts(known.codec, known.vocabulary, train, held, known.labels)


def read_labelled(
    config: Config,
    names: Source | Sequence[Source],
    known: Known,
    limits: Limits | None = None,
) -> LabelledLines:
    """Read a text of labelled lines with what a model knows, within other limits if given.

    Raises:
        UsageError, CorpusError: As ``read_labelled_texts``.
    """
    return labelled_lines(config, labelled_rows(config, names, known.codec, limits), known)


def read_labelled_split(config: Config, split: str | None, known: Known) -> LabelledLines:
    """Read one of the texts to evaluate on, as ``read_split`` does.

    Raises:
        UsageError, CorpusError: As ``read_labelled_texts``; or there is no such text.
    """
    sources, part = split_sources(config, split)
    if part is None:
        return read_labelled(config, list(sources), known)
    texts = read_labelled_texts(config, known)
    found = texts.train if part == "train" else texts.valid
    assert isinstance(found, LabelledLines)
    return found


def labelled_rows(
    config: Config,
    names: Source | Sequence[Source],
    codec: Codec,
    limits: Limits | None = None,
) -> Rows:
    """Read the rows of a text; labels lose the blanks around them."""
    rows = read_rows(config, names, codec, COLUMNS, limits)
    return rows._replace(left=[normalize("NFC", label.strip()) for label in rows.left])


def labelled_lines(config: Config, rows: Rows, known: Known) -> LabelledLines:
    """Turn rows into ids.

    Raises:
        CorpusError: A label is not among the known ones, or as ``read_lines``.
    """
    lines = read_lines(config, rows, rows.right, known)
    index = {label: number for number, label in enumerate(known.labels)}
    labels = np.array([index.get(label, -1) for label in rows.left])
    if (labels < 0).any():
        row = int(np.argmin(labels))
        names = shortened(", ".join(known.labels))
        raise CorpusError(
            f"{rows.place(row)}: its label {shortened(rows.left[row])} is not in the training "
            f"text, which has {names}; correct it, or remove the line"
        )
    shared = {field.name: getattr(lines, field.name) for field in fields(lines)}
    return LabelledLines(**shared, labels=labels)
