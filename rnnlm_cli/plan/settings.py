"""The keys of a proposed config, with their reasons."""

from __future__ import annotations

import math
from typing import NamedTuple

from rnnlm_cli.plan.draft import Setting
from rnnlm_cli.plan.network import VALIDATIONS, Trial
from rnnlm_cli.plan.unit import Unit

HIDDEN = (64, 96, 128, 192, 256, 384, 512, 768, 1024)
"""Hidden sizes to choose from."""

UNHARMFUL = 8.0
"""Passes times parameters per token of the text, up to which nothing is learned by heart."""

MOST_DROPOUT = 0.5
"""A higher rate slows learning more than it helps."""

RATE, RATE_UP_TO = 0.005, 256
"""Adam's step size, up to a hidden size; a larger network takes a smaller one in proportion."""

SAMPLE_TOKENS = 60
"""Tokens of the text that is written after an epoch."""


class Sizes(NamedTuple):
    """What is chosen after the unit."""

    hidden: int
    dropout: float
    batch: int


def dropout_for(epochs: float, parameters_per_token: float) -> float:
    """Return the rate for a training, in steps of 0.1.

    Args:
        epochs: Passes over the text.
        parameters_per_token: Of the text.

    >>> [dropout_for(6, 1.5), dropout_for(55, 1.2), dropout_for(30, 20)]
    [0.0, 0.3, 0.5]
    """
    often = math.log2(max(epochs * parameters_per_token, UNHARMFUL) / UNHARMFUL)
    return min(MOST_DROPOUT, round(0.085 * often, 1))


def corpus_settings(unit: Unit, valid: float) -> list[Setting]:
    """Return the keys of the section ``corpus``, without its files."""
    held_out = "the end of the text is held out, to find the best model"
    return [Setting("corpus.valid", valid, held_out), *unit.settings]


def model_settings(unit: Unit, sizes: Sizes) -> list[Setting]:
    """Return the keys of the section ``model``."""
    settings = [
        Setting("model.cell", "gru", "learns more in a short time than an LSTM"),
        Setting("model.embedding_size", min(unit.embedding, sizes.hidden)),
        Setting("model.hidden_size", sizes.hidden, "as large as time and text allow"),
    ]
    if sizes.dropout:
        value = {"input": round(sizes.dropout / 2, 2), "output": sizes.dropout}
        reason = "against learning the text by heart, since it is read many times"
        settings.append(Setting("model.dropout", value, reason))
    return settings


def training_settings(unit: Unit, sizes: Sizes) -> list[Setting]:
    """Return the keys of the section ``training`` that its speed depends on."""
    rate = round(RATE * min(1.0, RATE_UP_TO / sizes.hidden), 5)
    return [
        Setting("training.batch_size", sizes.batch),
        Setting("training.bptt", unit.bptt),
        Setting("training.clip_norm", 1.0),
        Setting("training.optimizer", {"kind": "adam", "learning_rate": rate}),
        Setting("training.schedule", {"kind": "linear"}, "down to 0 at the last step"),
    ]


def length_settings(trial: Trial) -> list[Setting]:
    """Return the keys that end a training, and those that let a user watch it."""
    epochs = math.ceil(trial.epochs)
    settings = [Setting("training.epochs", epochs, f"{trial.blocks:,} steps each")]
    if epochs > 1:
        settings.append(Setting("training.partial_shuffle", True, "each epoch begins elsewhere"))
    if trial.steps < epochs * trial.blocks:
        settings.append(Setting("training.max_steps", trial.steps, "what the time allows"))
    if epochs < VALIDATIONS / 2 and (every := trial.steps // VALIDATIONS):
        reason = f"about {VALIDATIONS} times in all"
        settings.append(Setting("training.validate_every", every, reason))
    sample = {"length": SAMPLE_TOKENS}
    if epochs > 2 * VALIDATIONS:
        sample["every"] = epochs // VALIDATIONS
    return [*settings, Setting("training.sample", sample, "a text that it writes on the way")]
