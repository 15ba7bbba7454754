"""Texts of pairs of lines, ``source<TAB>target``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from hashlib import sha256

import numpy as np

from rnnlm_cli.config import Config
from rnnlm_cli.data.columns import ColumnsReader, Known, Lines, learned, read_lines
from rnnlm_cli.data.rows import Rows, read_rows, read_training_rows
from rnnlm_cli.data.texts import TrainingTexts, codec_of
from rnnlm_cli.text.reader import Limits, Source

COLUMNS = ("source", "target")


@dataclass(frozen=True, kw_only=True)
class Pairs(Lines):
    """Target lines, each with its end, and the line that each is the target of.

    Attributes:
        source: The sources, without their ends.
        rows: Both as they are written.
    """

    source: Lines
    rows: Rows

    @property
    def columns(self) -> tuple[Lines, ...]:
        """Sources and targets."""
        return self.source, self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the ids of both, hexadecimal."""
        return sha256(
            np.asarray(self.source.ids).tobytes() + np.asarray(self.ids).tobytes()
        ).hexdigest()


def read_pair_texts(config: Config, known: Known | None = None) -> TrainingTexts:
    """Read the training text and, if the configuration has one, the validation text.

    One vocabulary is for sources and targets. A fraction as ``corpus.valid`` holds out lines at the
    end.

    Args:
        config: Names the texts.
        known: What a model to train further knows; ``None`` learns it from the training text.

    Raises:
        UsageError, CorpusError: A file is missing, or a line is not as it should be.
    """
    codec = known.codec if known else codec_of(config)
    rows, held_out = read_training_rows(
        config, lambda text: read_rows(config, text, codec, COLUMNS)
    )
    if known is None:
        known = learned(config, rows.name, [*rows.left, *rows.right])
    train = pairs_of(config, rows, known)
    held = None if held_out is None else pairs_of(config, held_out, known)
    return TrainingTexts(known.codec, known.vocabulary, train, held)


def read_pairs(
    config: Config,
    names: Source | Sequence[Source],
    known: Known,
    limits: Limits | None = None,
) -> Pairs:
    """Read a text of pairs with what a model knows, within other limits if given.

    Raises:
        UsageError, CorpusError: As ``read_pair_texts``.
    """
    return pairs_of(config, read_rows(config, names, known.codec, COLUMNS, limits), known)


def pairs_of(config: Config, rows: Rows, known: Known) -> Pairs:
    """Turn rows into ids.

    Raises:
        CorpusError: As ``read_lines``.
    """
    source, target = (read_lines(config, rows, side, known) for side in (rows.left, rows.right))
    name = f"the sources of {source.name}"
    bare = replace(source, name=name, lengths=source.lengths - 1)
    shared = {field.name: getattr(target, field.name) for field in fields(target)}
    return Pairs(**shared, source=bare, rows=rows)


PAIRS = ColumnsReader(read_pair_texts, read_pairs)
"""Reads texts of pairs."""
