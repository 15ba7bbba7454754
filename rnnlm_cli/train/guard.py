"""A guard against divergence. It judges by figures alone, so runs are reproducible."""

from __future__ import annotations

import math
from statistics import fmean, median
from typing import Annotated, Literal

import msgspec
import numpy as np

from rnnlm_cli.errors import DivergedError
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.bounds import DIVERGED, LARGEST_WEIGHT, guessing_nats

REMEDIES = {
    "stop": "Lower training.optimizer.learning_rate, set a smaller training.clip_norm, or set "
    "training.on_nan: rollback",
    "rollback": "Lower training.optimizer.learning_rate, or set a smaller training.clip_norm",
}
"""The remedy in messages about divergence, by ``training.on_nan``."""

RECENT_STEPS = 20
"""Steps over which the mean loss is taken."""

RECENT_NORMS = 100
"""Steps over which the median gradient norm is taken."""

WORSE_THAN_GUESSING = 1.5
"""In units of ``ln V``: a loss above it is a warning; above ``DIVERGED``, an error."""

LEAP = 100.0
"""In units of the median: a gradient norm above it is a warning."""

Figure = Annotated[float, msgspec.Meta(ge=0, le=1e300)]
Warned = Literal["loss", "norm"]


class Memory(msgspec.Struct, forbid_unknown_fields=True):
    """The guard's memory: a part of a training's state."""

    losses: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_STEPS)] = []  # nats per token
    norms: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_NORMS)] = []  # before clipping
    warned: Annotated[list[Warned], msgspec.Meta(max_length=2)] = []  # in the running epoch


class Guard:
    """Watches loss, gradient and weights.

    It raises ``DivergedError`` for a loss, gradient or weight that is not finite, a weight above
    ``LARGEST_WEIGHT``, a mean loss over the last 20 steps above ``10 ln V``, and an infinite
    validation perplexity. It warns, once per epoch and kind, of a mean loss over the last 20 steps
    above ``1.5 ln V`` after the first epoch (worse than guessing), and of a gradient norm above
    100 times its running median.

    Attributes:
        memory: Losses and norms of recent steps.
    """

    def __init__(self, model: Rnnlm, on_nan: Literal["stop", "rollback"]) -> None:
        self.memory = Memory()
        self._model = model
        self._remedy = REMEDIES[on_nan]
        self._guessing = guessing_nats(len(model.embedding.weight.value))

    def new_epoch(self) -> None:
        """Allow each kind of warning again."""
        self.memory.warned = []

    def check_step(
        self, place: str, nats: float, norm: float, first_epoch: bool, ends_epoch: bool
    ) -> list[str]:
        """Check a step before it is applied; return warnings.

        Args:
            place: Epoch and step, for messages.
            nats: Mean loss of the block, in nats per token.
            norm: L2 norm of the whole gradient before clipping.
            first_epoch: Whether the step is in the first epoch.
            ends_epoch: Whether the step is the last of its epoch.

        Raises:
            DivergedError: Training has diverged.
        """
        if not (math.isfinite(nats) and math.isfinite(norm)):
            raise self._not_applied(
                f"{place}: the loss is {nats:g} and the gradient's norm {norm:g}{self._first_bad()}"
            )
        losses, norms = self.memory.losses, self.memory.norms
        typical = median(norms) if len(norms) >= RECENT_STEPS else math.inf
        losses.append(float(nats))
        norms.append(float(norm))
        del losses[:-RECENT_STEPS], norms[:-RECENT_NORMS]
        recent, guessing = fmean(losses), self._guessing
        said = (
            f"{place}: the loss of the last {len(losses)} steps is {recent:g} nats per token, "
            f"{recent / guessing:.3g} times that of guessing ({guessing:.3g})"
        )
        # losses are never negative: a lower bound of the mean over 20 steps
        at_least = sum(losses) / RECENT_STEPS
        if at_least > DIVERGED * guessing or (ends_epoch and recent > DIVERGED * guessing):
            raise self._not_applied(said)
        warnings = []
        trained = ends_epoch or not (first_epoch or len(losses) < RECENT_STEPS)
        if trained and recent > WORSE_THAN_GUESSING * guessing and self._warn_once("loss"):
            warnings.append(f"{said}; {REMEDIES['rollback'].lower()}")
        if norm > LEAP * typical > 0 and self._warn_once("norm"):
            warnings.append(
                f"{place}: the gradient's norm is {norm:g}, {norm / typical:.3g} times the median "
                f"of the last {len(norms) - 1}; set a smaller training.clip_norm"
            )
        return warnings

    def check_weights(self, place: str) -> None:
        """Check the weights before they are saved.

        Raises:
            DivergedError: A weight is infinite, NaN or too large.
        """
        for name, param in self._model.params.items():
            largest = float(np.abs(param.value).max(initial=0))
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

    def _warn_once(self, kind: Warned) -> bool:
        new = kind not in self.memory.warned
        if new:
            self.memory.warned.append(kind)
        return new

    def _first_bad(self) -> str:
        """Name the first parameter whose gradient is not finite."""
        for name, param in self._model.params.items():
            if not np.isfinite(param.grad).all():
                return f", first in {name}"
        return ""

    def _not_applied(self, what: str) -> DivergedError:
        return DivergedError(f"{what}; the step is not applied. {self._remedy}")
