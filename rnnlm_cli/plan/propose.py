"""Proposes a config for a text, a time and this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from rnnlm_cli.config import Config
from rnnlm_cli.config.load import make_config
from rnnlm_cli.data.texts import TrainingTexts, read_training_texts
from rnnlm_cli.plan.draft import Setting, values_of
from rnnlm_cli.plan.look import Text
from rnnlm_cli.plan.network import Length, Trial, measured
from rnnlm_cli.plan.settings import (
    HIDDEN,
    Sizes,
    corpus_settings,
    dropout_for,
    length_settings,
    model_settings,
    training_settings,
)
from rnnlm_cli.plan.unit import choose_unit
from rnnlm_cli.report.table import duration

TOKENS_PER_PARAMETER = 2.0
"""A network is as large as leaves it so many tokens to learn each parameter from."""

PARAMETERS_PER_TOKEN = 25.0
"""Nor is it larger than so many parameters per token of the text, which it would learn by heart."""

MOST_EPOCHS = 30
"""More passes over a text teach a network the text itself, dropout or not."""

HELD_OUT, HELD_OUT_OF_SMALL = 0.05, 0.1
"""Fractions of a text to validate on."""

SMALL_BYTES = 200_000
"""A text of fewer is small: more of it is held out, so that the figure means something."""

HELD_OUT_PER_SECOND, LEAST_HELD_OUT, MOST_HELD_OUT = 500, 50_000, 500_000
"""Bytes, by the time there is; more would hardly make the figure better, but validations longer."""

BATCH, SMALL_BATCH = 32, 8
"""Streams. A small text has few, so that an epoch has some steps."""


class Proposal(NamedTuple):
    """A config, and what to tell the user about it.

    Attributes:
        settings: Its keys, without those of its files.
        told: Lines on what was chosen, and why.
    """

    settings: tuple[Setting, ...]
    told: tuple[str, ...]


def propose(text: Text, seconds: float) -> Proposal:
    """Choose a unit by the text, then the network by what this machine trains in the time.

    Networks of growing size are tried for a second each, on the beginning of the text. The largest
    is taken that still sees ``TOKENS_PER_PARAMETER``: the best use of a number of operations is a
    balance of size and tokens (Hoffmann et al., 2022).

    Args:
        text: The text.
        seconds: For the whole training.

    Raises:
        CorpusError: The text is too short to train on.
    """
    unit, small = choose_unit(text), text.bytes < SMALL_BYTES
    valid = HELD_OUT_OF_SMALL if small else held_out(text.bytes, seconds)
    corpus = corpus_settings(unit, valid)
    with tempfile.TemporaryDirectory(prefix="rnnlm-") as directory:
        excerpt = Path(directory, "excerpt.txt")
        excerpt.write_text(text.survey.excerpt, encoding="utf-8", newline="")

        def config(sizes: Sizes) -> Config:
            network = [*model_settings(unit, sizes), *training_settings(unit, sizes)]
            values = values_of([*corpus, *network])
            values["corpus"]["train"] = str(excerpt)
            return make_config(values | {"checkpoint": {"path": f"{directory}/m.pkl"}})

        sizes = Sizes(HIDDEN[0], 0.0, SMALL_BATCH if small else BATCH)
        texts = read_training_texts(config(sizes), use_cache=False)
        length = whole_length(text, texts)

        def tried(sizes: Sizes) -> Trial:
            return measured(config(sizes), texts, length, seconds, MOST_EPOCHS)

        sizes, chosen = largest(sizes, tried, length)
        if rate := dropout_for(chosen.epochs, chosen.parameters / length.train):
            sizes = sizes._replace(dropout=rate)
            chosen = tried(sizes)  # with dropout it is slower
    network = [*model_settings(unit, sizes), *length_settings(chosen)]
    settings = (*corpus, *network, *training_settings(unit, sizes))
    return Proposal(settings, (unit.told, *network_lines(chosen)))


def largest(sizes: Sizes, tried: Callable[[Sizes], Trial], length: Length) -> tuple[Sizes, Trial]:
    """Return the largest sizes that suit, and their trial.

    Args:
        sizes: The smallest.
        tried: Measures a network.
        length: The whole text.
    """
    chosen = tried(sizes)
    for hidden in HIDDEN[1:]:
        larger = sizes._replace(hidden=hidden)
        trial = tried(larger)
        if not suits(trial, length):
            break
        sizes, chosen = larger, trial
    return sizes, chosen


def suits(trial: Trial, length: Length) -> bool:
    """Whether a network is not too large for the time, and not for the text.

    The time is no limit where it is enough for ``MOST_EPOCHS``.
    """
    hurried = trial.epochs < MOST_EPOCHS
    if hurried and trial.tokens < TOKENS_PER_PARAMETER * trial.parameters:
        return False
    return trial.parameters <= PARAMETERS_PER_TOKEN * length.train


def held_out(size: int, seconds: float) -> float:
    """Return the fraction of a text to hold out, with one significant digit.

    >>> held_out(1_000_000, 180), held_out(10**8, 180), held_out(10**8, 10**5)
    (0.05, 0.0009, 0.005)
    """
    most = min(MOST_HELD_OUT, max(LEAST_HELD_OUT, HELD_OUT_PER_SECOND * seconds))
    return float(f"{min(HELD_OUT, most / size):.1g}")


def whole_length(text: Text, texts: TrainingTexts) -> Length:
    """Return the tokens of the whole text, from those of its beginning."""
    assert texts.valid is not None
    factor = text.bytes / len(text.survey.excerpt.encode())
    return Length(
        max(1, round(factor * len(texts.train))), max(1, round(factor * len(texts.valid)))
    )


def network_lines(chosen: Trial) -> list[str]:
    """Return what to tell about the network and its training."""
    model = chosen.config.model
    passes = f"{chosen.epochs:.2g}" if chosen.epochs < 10 else f"{chosen.epochs:,.0f}"
    return [
        f"model: a GRU of {model.hidden_size:,} units, {chosen.parameters:,} parameters, the "
        "largest of those tried that suits the time and the text",
        f"training: {chosen.steps:,} steps, {passes} times over the text, about "
        f"{duration(chosen.seconds)} on this machine",
    ]
