"""The base class of optimizers, and helpers that several of them use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import numpy as np

from rnnlm_cli.nn.cpu.pieces import in_pieces
from rnnlm_cli.nn.param import Param, array_like
from rnnlm_cli.system.arrays import Array

Settings = TypeVar("Settings")
"""The class of the optimizer's section in the configuration."""


class Optimizer(ABC, Generic[Settings]):
    """Base class of optimizers, built from the parameters and a configuration section."""

    arrays_per_parameter: int = 0
    """Arrays per parameter, of its shape, kept from step to step."""

    @abstractmethod
    def __init__(self, params: Mapping[str, Param], config: Settings) -> None:
        """Take distinct parameters by name; no array of their shape is allocated yet."""

    @abstractmethod
    def step(self, rate: float) -> None:
        """Update every parameter from its gradient, which may be overwritten."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return all that the next steps depend on, as plain values and arrays."""

    @abstractmethod
    def restore(self, state: Mapping[str, Any]) -> None:
        """Continue from a state that ``state`` returned.

        Raises:
            AttributeError, LookupError, TypeError, ValueError, msgspec.ValidationError: It is not
                such a state.
        """

    def validated(self, nats: float) -> None:
        """Receive a validation's loss, in nats per token."""

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Swap in the weights to evaluate and save, if they differ from the training weights."""
        yield


def decay(param: Param, share: float) -> None:
    """Shrink a parameter: ``w *= 1 - share``."""
    if share > 0:
        in_pieces(lambda value: np.multiply(value, 1 - share, out=value), param.value)


def zeros_of(params: Mapping[str, Param]) -> dict[str, Array]:
    """Return zeros of every parameter's shape."""
    return {name: np.zeros_like(param.value) for name, param in params.items()}


def copies(arrays: Mapping[str, Array], params: Mapping[str, Param]) -> dict[str, Array]:
    """Return writable copies: one per parameter, or none before the first step.

    Raises:
        ValueError: Names, shapes or types differ from the parameters.
    """
    if arrays and arrays.keys() != params.keys():
        raise ValueError("the optimizer's arrays are not those of the parameters")
    return {name: array_like(array, params[name].value, name) for name, array in arrays.items()}
