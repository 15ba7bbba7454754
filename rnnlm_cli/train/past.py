"""The decoder of past decode regularization in a training: made, stored and restored."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnlm_cli.config.training import TrainingConfig
from rnnlm_cli.model.network import Network
from rnnlm_cli.nn.outputs.past import PastDecoder
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.param import array_like
from rnnlm_cli.system.arrays import Array


def past_decoder(model: Network, config: TrainingConfig) -> PastDecoder | None:
    """Return the decoder that ``training.past_decode`` asks for; ``None`` without it."""
    if config.past_decode == 0:
        return None
    assert isinstance(model.output, PlainSoftmax)  # config/ refuses the key for others
    rng = np.random.default_rng([config.seed, 5])
    return PastDecoder(model.embedding.weight, model.output, config.past_decode, rng)


def stored_params(decoder: PastDecoder | None) -> dict[str, Array]:
    """Return its parameters for a training's state."""
    return {} if decoder is None else {name: p.weights for name, p in decoder.params.items()}


def restore_params(decoder: PastDecoder | None, stored: Mapping[str, Array]) -> None:
    """Restore its parameters.

    Raises:
        LookupError, ValueError: They are not those of this decoder.
    """
    if decoder is not None:
        for name, param in decoder.params.items():
            param.value[...] = array_like(stored[name], param.value, name)
