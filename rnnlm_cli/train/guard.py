"""A guard against training that diverges, by figures alone: what it does is the same everywhere."""

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
"""What to do about a training that has diverged, by ``training.on_nan``."""

RECENT_STEPS = 20
"""The loss is judged by its mean over these."""

RECENT_NORMS = 100
"""A gradient's norm is compared with the median of these."""

WORSE_THAN_GUESSING = 1.5
"""Times ``ln V``: a loss above it is a warning; above ``DIVERGED`` times, an error."""

LEAP = 100.0
"""Times the median: a gradient norm above it is a warning."""

Figure = Annotated[float, msgspec.Meta(ge=0, le=1e300)]
Warned = Literal["loss", "norm"]


class Memory(msgspec.Struct, forbid_unknown_fields=True):
    """What the guard remembers: a part of a training's state."""

    losses: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_STEPS)] = []  # nats per token
    norms: Annotated[list[Figure], msgspec.Meta(max_length=RECENT_NORMS)] = []  # before clipping
    warned: Annotated[list[Warned], msgspec.Meta(max_length=2)] = []  # in the running epoch


class Guard:
    """Watches loss, gradient and weights.

    An error (``DivergedError``) is a loss, gradient or weight that is not finite, a weight above
    ``LARGEST_WEIGHT``, a mean loss over the last 20 steps above ``10 ln V``, and a validation
    whose perplexity is infinite. A warning, of each kind once per epoch: after the first epoch a
    mean loss over the last 20 steps above ``1.5 ln V``, which is worse than guessing; a gradient
    norm a hundred times its running median.

    Attributes:
        memory: What it remembers of the steps before.
    """

    def __init__(self, model: Rnnlm, on_nan: Literal["stop", "rollback"]) -> None:
        self.memory = Memory()
        self._model = model
        self._remedy = REMEDIES[on_nan]
        self._guessing = guessing_nats(len(model.embedding.weight.value))

    def new_epoch(self) -> None:
        """Allow each warning once more."""
        self.memory.warned = []

    def check_step(
        self, place: str, nats: float, norm: float, first_epoch: bool, ends_epoch: bool
    ) -> list[str]:
        """Judge a step before it is applied; return warnings.

        Args:
            place: Epoch and step, as messages call them.
            nats: The mean loss of the block, per token.
            norm: L2 norm of the whole gradient before clipping.
            first_epoch: Whether the step is of the first epoch.
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
        # losses are never negative: what 20 will come to at least
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
        """Make sure that what is to be saved is still a model.

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
        """Refuse a validation whose perplexity is infinite or NaN; it is never the best.

        Raises:
            DivergedError: It is.
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
