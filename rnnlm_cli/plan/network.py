"""How far the training of a network comes on this machine, in the time that there is."""

from __future__ import annotations

import math
from typing import NamedTuple

from rnnlm_cli.config import Config
from rnnlm_cli.data.texts import TrainingTexts
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.train.speed import measured_pace

TRIAL_SECONDS = 0.6
"""Of training with a network, and as much again of validation."""

SPENT = 0.95
"""Share of the time to plan with: reading the text and saving take some, too."""

VALIDATIONS = 8
"""At least so many; within epochs, if a training has fewer."""


class Length(NamedTuple):
    """The tokens of a whole text: to train on, and held out."""

    train: int
    valid: int


class Trial(NamedTuple):
    """A network, and how far its training comes.

    Attributes:
        config: The network, and the size of its blocks.
        parameters: Number of its weights.
        blocks: Steps per epoch of the whole text.
        steps: Steps that the time allows.
        seconds: Expected time of those steps and of all validations.
    """

    config: Config
    parameters: int
    blocks: int
    steps: int
    seconds: float

    @property
    def epochs(self) -> float:
        """Passes over the text."""
        return self.steps / self.blocks

    @property
    def tokens(self) -> int:
        """Tokens that are trained on, each as often as it is read."""
        training = self.config.training
        return self.steps * training.batch_size * training.bptt


def measured(
    config: Config, texts: TrainingTexts, length: Length, seconds: float, most_epochs: int
) -> Trial:
    """Train a network for a moment.

    Args:
        config: The network, and the size of its blocks.
        texts: The beginning of the text, split as it will be.
        length: The whole text.
        seconds: The time there is.
        most_epochs: The training ends after so many, even if there is more time.
    """
    pace, training = measured_pace(config, texts, TRIAL_SECONDS), config.training
    held_out = len(texts.valid) if texts.valid is not None else 1
    within, exact = (
        (known or 0.0) * length.valid / held_out for known in (pace.epoch_end, pace.final)
    )
    step = pace.step or math.inf  # a training that diverges at once gets nowhere
    blocks = math.ceil(length.train / (training.batch_size * training.bptt))
    left = SPENT * seconds - exact - VALIDATIONS * within
    # the validation at the end of each epoch is a part of its steps
    steps = max(1, min(most_epochs * blocks, int(left / (step + within / blocks))))
    taken = steps * (step + within / blocks) + VALIDATIONS * within + exact
    parameters = Rnnlm.empty(config.model, len(texts.vocabulary)).parameter_count
    return Trial(config, parameters, blocks, steps, taken)
