"""The root mean square of a trained network's gradients, weight by weight."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.device import to_host
from rnnlm_cli.nn.gradient import Gradient
from rnnlm_cli.nn.param import array_like
from rnnlm_cli.system.arrays import Array


@dataclass(frozen=True)
class GradientRms:
    """How large the gradient of each weight is on the training text.

    Attributes:
        values: ``sqrt(mean g^2)``, an array of the parameter's shape for each parameter.
        segment: The steps of the blocks that the gradients were of.
        blocks: How many blocks they were of.
        weights: SHA-256 of the network's weights.
    """

    values: dict[str, Array]
    segment: int
    blocks: int
    weights: str

    @property
    def average(self) -> float:
        """The mean over the parameters of each one's mean, as in the published program."""
        means = [float(rms.mean(dtype=np.float64)) for rms in self.values.values()]
        return sum(means) / len(means)

    def on_host(self) -> dict[str, Array]:
        """Return ``values`` as NumPy arrays."""
        return to_host(dict(self.values))


@dataclass
class SquaredGradients:
    """Sums of squared gradients, block by block."""

    network: Rnnlm
    sums: dict[str, Array] = field(default_factory=dict)
    blocks: int = 0

    def __post_init__(self) -> None:
        """Begin with zero."""
        params = self.network.params.items()
        self.sums = {name: np.zeros_like(param.value, order="C") for name, param in params}

    def add(self) -> None:
        """Add the squares of the network's gradients of a block."""
        self.blocks += 1
        for name, param in self.network.params.items():
            gradient: Gradient | None = param.gradient
            if gradient is not None:
                gradient.add_squares(self.sums[name])

    def rms(self, segment: int) -> GradientRms:
        """Return the root of the means; the sums are used up."""
        for total in self.sums.values():
            total /= max(self.blocks, 1)
            np.sqrt(total, out=total)
        return GradientRms(self.sums, segment, self.blocks, weights_digest(self.network))


def checked_values(network: Rnnlm, values: Any) -> dict[str, Array]:
    """Return copies of root mean squares read from a file, in the order of the parameters.

    Raises:
        LookupError, TypeError, ValueError: They are not those of such a network.
    """
    found = {name: array_like(values[name], p.value, name) for name, p in network.params.items()}
    for name, array in found.items():
        if not (np.isfinite(array) & (array >= 0)).all():
            raise ValueError(f"{name} holds invalid values")
    return found


def weights_digest(network: Rnnlm) -> str:
    """Return the SHA-256 of a network's weights, in the order of their names."""
    digest = hashlib.sha256()
    for name in sorted(network.params):
        digest.update(np.ascontiguousarray(network.params[name].weights).data)
    return digest.hexdigest()
