"""The history of a model's training."""

from __future__ import annotations

import msgspec


class TextFigures(msgspec.Struct, frozen=True):
    """A loss per unit of the text itself, so that models of any ``corpus.unit`` can be compared.

    Attributes:
        bits_per_character: Total bits over total characters.
        bits_per_byte: Total bits over total bytes of UTF-8.
        perplexity_per_word: ``exp`` of total nats over total words and ends of lines; ``None`` if
            there are none.
    """

    bits_per_character: float
    bits_per_byte: float
    perplexity_per_word: float | None


class EpochRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """The end of an epoch, or a validation within one.

    It has no times, so that equal trainings give equal files. Files store both measures under older
    names, from when perplexity was the only one.
    """

    epoch: int
    part: float  # of the epoch: 1, or less at a validation within it or if a limit ended it
    train: float = msgspec.field(name="train_perplexity")  # of the epoch so far, during training
    valid: float | None = msgspec.field(name="valid_perplexity")
    learning_rate: float  # of the last step
    best: bool  # whether this is the best model so far; always true without a validation text
    train_figures: TextFigures | None = None  # None in files of versions without them
    valid_figures: TextFigures | None = None
    step: int | None = None  # of all epochs; None in files of versions that did not record it
