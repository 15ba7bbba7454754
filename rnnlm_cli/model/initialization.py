"""How a network begins: each way is a function and a row in the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from rnnlm_cli.config import model as schema
from rnnlm_cli.config.model import ModelConfig
from rnnlm_cli.nn.init import (
    Initializer,
    orthogonal,
    scaled_normal,
    small_normal,
    uniform,
)


class Initializers(NamedTuple):
    """How the weights of each part begin; biases begin at zero."""

    embedding: Initializer
    recurrent: Initializer
    output: Initializer  # and the projection before it


def notes(config: ModelConfig, rng: np.random.Generator, dtype: npt.DTypeLike) -> Initializers:
    """``N(0, 1)/100`` for the embedding, ``N(0, 1)/sqrt(fan in)`` elsewhere, as the notes have it.

    (The second: LeCun et al., 1998.)
    """
    weights = scaled_normal(rng, dtype)
    return Initializers(small_normal(rng, dtype), weights, weights)


def even(config: ModelConfig, rng: np.random.Generator, dtype: npt.DTypeLike) -> Initializers:
    """Everything even over ``-scale`` to ``scale`` (Zaremba et al., 2014: 0.05, or 0.04)."""
    assert isinstance(config.initialization, schema.UniformInitialization)
    weights = uniform(rng, config.initialization.scale, dtype)
    return Initializers(weights, weights, weights)


def pytorch(config: ModelConfig, rng: np.random.Generator, dtype: npt.DTypeLike) -> Initializers:
    """As PyTorch's word language model: even, 0.1 outside, ``1/sqrt(H)`` in the recurrent layers.

    PyTorch draws the recurrent biases too; here they begin at zero.
    """
    outer = uniform(rng, 0.1, dtype)
    return Initializers(outer, uniform(rng, config.hidden_size**-0.5, dtype), outer)


def orthogonal_recurrent(
    config: ModelConfig, rng: np.random.Generator, dtype: npt.DTypeLike
) -> Initializers:
    """Orthogonal weights in the recurrent layers (Saxe et al., 2014), all else as in the notes.

    Those of the input too, where they are made of square blocks.
    """
    return notes(config, rng, dtype)._replace(recurrent=orthogonal(rng, dtype))


INITIALIZATIONS: dict[type[schema.InitializationConfig], Callable[..., Initializers]] = {
    schema.NotesInitialization: notes,
    schema.UniformInitialization: even,
    schema.PyTorchInitialization: pytorch,
    schema.OrthogonalInitialization: orthogonal_recurrent,
}
"""The function for each kind of configuration."""


def initializers(
    config: ModelConfig, rng: np.random.Generator, dtype: npt.DTypeLike = np.float32
) -> Initializers:
    """Return how the weights begin that a configuration asks for."""
    return INITIALIZATIONS[type(config.initialization)](config, rng, dtype)
