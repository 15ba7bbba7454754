"""A guard against divergence. It judges by figures alone, so runs are reproducible."""

from __future__ import annotations

import math
from statistics import fmean, median

import numpy as np

from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.errors import DivergedError
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model.bounds import DIVERGED, LARGEST_WEIGHT, guessing_nats
from rnnlm_cli.model.network import Network
from rnnlm_cli.train.trend import RECENT_STEPS, Memory

LEAP = 100.0
"""In units of the median: a gradient norm above it is a warning."""


class Guard:
    """Watches loss, gradient and weights.

    It raises ``DivergedError`` for a loss, gradient or weight that is not finite, a weight above
    ``LARGEST_WEIGHT``, a mean loss over the last 20 steps above ``10 ln V``, and an infinite
    validation perplexity. It warns, once until it is over, of a mean loss over the last 20 steps
    above ``1.5 ln V`` (worse than guessing) and of a loss that rises away from its lowest (see
    ``train/trend.py``), and once per epoch of a gradient norm above 100 times its running median.

    Attributes:
        memory: Losses and norms of recent steps.
    """

    def __init__(self, model: Network, config: TrainingConfig) -> None:
        self.memory = Memory()
        self._model = model
        self._advice = remedy(config)
        back = ", or set training.on_nan: rollback" * (config.on_nan == "stop")
        self._remedy = self._advice[0].upper() + self._advice[1:] + back
        self._guessing = guessing_nats(model.outcomes)

    def new_epoch(self) -> None:
        """Allow a warning about the gradient's norm again."""
        self.memory.warned = [kind for kind in self.memory.warned if kind != "norm"]

    def check_step(self, place: str, nats: float, norm: float, ends_epoch: bool) -> list[str]:
        """Check a step before it is applied; return warnings.

        Args:
            place: Epoch and step, for messages.
            nats: Mean loss of the block, in nats per token.
            norm: L2 norm of the whole gradient before clipping.
            ends_epoch: Whether the step is the last of its epoch.

        Raises:
            DivergedError: Training has diverged.
        """
        if not (math.isfinite(nats) and math.isfinite(norm)):
            raise self._not_applied(
                f"{place}: the loss is {nats:g} and the gradient's norm {norm:g}{self._first_bad()}"
            )
        memory, guessing = self.memory, self._guessing
        typical = median(memory.norms) if len(memory.norms) >= RECENT_STEPS else math.inf
        memory.add(nats, norm)
        losses, recent = memory.losses, fmean(memory.losses)
        loss = f"{place}: the loss of the last {len(losses)} steps is {recent:.3g} nats per token"
        times = f"{loss}, {recent / guessing:.3g} times that of guessing ({guessing:.3g})"
        # losses are never negative: a lower bound of the mean over 20 steps
        at_least = sum(losses) / RECENT_STEPS
        if at_least > DIVERGED * guessing or (ends_epoch and recent > DIVERGED * guessing):
            raise self._not_applied(times)
        warnings = []
        if memory.worse_than_guessing(guessing, ends_epoch):
            warnings.append(f"{times}; {self._advice}")
        if memory.rises(guessing):
            warnings.append(
                f"{loss} and rises; at its lowest it was {memory.lowest:.3g}; {self._advice}"
            )
        leaps = norm > LEAP * typical > 0
        if memory.new("norm", leaps, over=False):
            warnings.append(
                f"{place}: the gradient's norm is {norm:g}, {norm / typical:.3g} times the median "
                f"of the last {len(memory.norms) - 1}; set a smaller training.clip_norm"
            )
        return warnings

    def check_weights(self, place: str) -> None:
        """Check the weights before they are saved.

        Raises:
            DivergedError: A weight is infinite, NaN or too large.
        """
        for name, param in self._model.params.items():
            largest = param.largest()
            if not largest <= LARGEST_WEIGHT:  # NaN too
                raise DivergedError(
                    f"{place}: a weight of {name} is {largest:g}; the model is not saved. "
                    f"{self._remedy}"
                )

    def check_validation(self, place: str, nats: float) -> None:
        """Refuse a validation loss that cannot be ranked.

        Raises:
            DivergedError: The perplexity is infinite or NaN.
        """
        if not math.isfinite(perplexity(nats, 1)):
            raise DivergedError(
                f"{place}: the validation loss is {nats:g} nats per token; the model is not "
                f"saved. {self._remedy}"
            )

    def _first_bad(self) -> str:
        """Name the first parameter whose gradient is not finite."""
        for name, param in self._model.params.items():
            if not np.isfinite(param.grad).all():
                return f", first in {name}"
        return ""

    def _not_applied(self, what: str) -> DivergedError:
        return DivergedError(f"{what}; the step is not applied. {self._remedy}")


def remedy(config: TrainingConfig) -> str:
    """Say what to change if a training diverges, with the values of now.

    >>> remedy(TrainingConfig())
    'lower training.optimizer.learning_rate (now 20) or training.clip_norm (now 0.25)'
    """
    said = f"lower training.optimizer.learning_rate (now {config.optimizer.learning_rate:g})"
    if config.clip_norm is None:
        return f"{said}, or set training.clip_norm (now null)"
    return f"{said} or training.clip_norm (now {config.clip_norm:g})"
