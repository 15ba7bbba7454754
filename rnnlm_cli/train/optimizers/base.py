"""What an optimizer is, and what several of them need."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

from rnnlm_cli.nn.param import Param, array_like
from rnnlm_cli.system.arrays import Array

Settings = TypeVar("Settings")
"""The class of its section in the configuration."""


class Optimizer(ABC, Generic[Settings]):
    """Base of all optimizers: made of the parameters and of its section of the configuration."""

    arrays_per_parameter: ClassVar[int] = 0
    """Arrays of every parameter's shape that it keeps from step to step."""

    @abstractmethod
    def __init__(self, params: Mapping[str, Param], config: Settings) -> None:
        """Take distinct parameters by name; nothing of their shape is made yet."""

    @abstractmethod
    def step(self, rate: float) -> None:
        """Move every parameter against its gradient; the gradients are used up."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """Return what the next steps depend on, as plain values and arrays."""

    @abstractmethod
    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what ``state`` returned.

        Raises:
            AttributeError, LookupError, TypeError, ValueError, msgspec.ValidationError: It is none.
        """

    def validated(self, nats: float) -> None:
        """Take notice of an epoch's validation, in nats per token."""

    @contextmanager
    def final_weights(self) -> Iterator[None]:
        """Put the weights to evaluate and save in place of those that learn, if they differ."""
        yield


def decay(param: Param, share: float) -> None:
    """Take a share of a parameter away."""
    if share > 0:
        param.value *= 1 - share


def zeros_of(params: Mapping[str, Param]) -> dict[str, Array]:
    """Return zeros of every parameter's shape."""
    return {name: np.zeros_like(param.value) for name, param in params.items()}


def copies(arrays: Mapping[str, Array], params: Mapping[str, Param]) -> dict[str, Array]:
    """Return arrays that can be written to: one per parameter, or none before the first step.

    Raises:
        ValueError: They are not like the parameters.
    """
    if arrays and arrays.keys() != params.keys():
        raise ValueError("the optimizer's arrays are not those of the parameters")
    return {name: array_like(array, params[name].value, name) for name, array in arrays.items()}
