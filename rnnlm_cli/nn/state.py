"""The state carried from block to block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.nn.device import beside
from rnnlm_cli.system.arrays import Bools, Ids

State = tuple[Any, ...]
"""Arrays ``(B, H)``, possibly in nested tuples; ``()`` for a layer without a state."""


def of_streams(state: State, streams: Ids) -> State:
    """Return the state of the given streams, in that order; streams may repeat."""
    return tuple(
        of_streams(part, streams) if isinstance(part, tuple) else part[beside(streams, part)]
        for part in state
    )


def begun_anew(state: State, streams: Bools) -> State:
    """Return the state with zeros in the chosen streams ``(B,)``."""
    return tuple(
        begun_anew(part, streams)
        if isinstance(part, tuple)
        else part * beside(~streams[:, np.newaxis], part)
        for part in state
    )


def joined_streams(states: Sequence[State]) -> State:
    """Concatenate the streams of several states into one state."""
    return tuple(
        joined_streams(parts) if isinstance(parts[0], tuple) else np.concatenate(parts)
        for parts in zip(*states, strict=True)
    )
