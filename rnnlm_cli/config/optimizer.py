"""The keys ``training.optimizer`` and ``training.averaging``: how weights are updated and averaged.

A new optimizer or average is one class here and one row in its table in ``train/optimizers/``.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from rnnlm_cli.config.keys import NotNegative, Positive, Rate, Section, Size, key

DECAY = "each step also shrinks every weight by rate * weight_decay of it"


class Sgd(Section, frozen=True, tag_field="kind", tag="sgd"):
    """Plain stochastic gradient descent."""

    learning_rate: Annotated[Positive, key("step size")] = 20.0
    weight_decay: Annotated[NotNegative, key(DECAY)] = 0.0


class Momentum(Section, frozen=True, tag_field="kind", tag="momentum"):
    """Stochastic gradient descent with momentum (Polyak, 1964)."""

    learning_rate: Annotated[Positive, key("step size")] = 1.0
    momentum: Annotated[Rate, key("fraction kept of the last step's velocity")] = 0.9
    weight_decay: Annotated[NotNegative, key("times the weight is added to its gradient")] = 0.0


class NtAsgd(Section, frozen=True, tag_field="kind", tag="ntasgd"):
    """Averaged SGD, non-monotonically triggered (Merity et al., 2018)."""

    learning_rate: Annotated[Positive, key("step size")] = 20.0
    weight_decay: Annotated[NotNegative, key(DECAY)] = 0.0
    epochs_without_gain: Annotated[
        Size,
        key(
            "averaging begins when validation is worse than the best one before the last "
            "n epochs (validations, with `validate_every`); from then on the averaged weights are "
            "evaluated and saved"
        ),
    ] = 5


class Adam(Section, frozen=True, tag_field="kind", tag="adam"):
    """Adam (Kingma and Ba, 2015)."""

    learning_rate: Annotated[Positive, key("step size")] = 0.001
    beta1: Annotated[Rate, key("decay of the mean of gradients")] = 0.9
    beta2: Annotated[Rate, key("decay of the mean of their squares")] = 0.999
    epsilon: Annotated[Positive, key("added to the root, against zeros")] = 1e-8


class AdamW(Adam, frozen=True, tag="adamw"):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    weight_decay: Annotated[NotNegative, key(DECAY)] = 0.01


OptimizerConfig = Sgd | Momentum | Adam | AdamW | NtAsgd


class NoAverage(Section, frozen=True, tag_field="kind", tag="none"):
    """The weights after the last step are evaluated and saved."""


class EmaAverage(Section, frozen=True, tag_field="kind", tag="ema"):
    """The exponential moving average of the weights is evaluated and saved."""

    decay: Annotated[
        Rate,
        key("fraction of the average kept at each step; it covers about 1/(1 - decay) steps"),
    ] = 0.999


class TailAverage(Section, frozen=True, tag_field="kind", tag="tail"):
    """The mean of the weights over the last steps is evaluated and saved."""

    fraction: Annotated[
        Annotated[float, Meta(gt=0, le=1)],
        key("the part of all steps, the last ones, that are averaged"),
    ] = 0.25


AverageConfig = NoAverage | EmaAverage | TailAverage
