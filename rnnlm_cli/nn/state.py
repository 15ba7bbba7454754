"""The state carried from block to block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.system.arrays import Bools, Ids

State = tuple[Any, ...]
"""Arrays ``(B, H)``, possibly in nested tuples; ``()`` for a layer without a state."""


def of_streams(state: State, streams: Ids) -> State:
    """Return the state of the given streams, in that order; streams may repeat."""
    return tuple(
        of_streams(part, streams) if isinstance(part, tuple) else part[streams] for part in state
    )


def begun_anew(state: State, streams: Bools) -> State:
    """Return the state with zeros in the chosen streams ``(B,)``."""
    return tuple(
        begun_anew(part, streams) if isinstance(part, tuple) else part * ~streams[:, np.newaxis]
        for part in state
    )


def zeros_like(state: State) -> State:
    """Return zeros in the form of a state."""
    return tuple(
        zeros_like(part) if isinstance(part, tuple) else np.zeros_like(part) for part in state
    )


def replaced(state: State, streams: Bools, new: State) -> State:
    """Return the state with the chosen streams ``(B,)`` of another in their place."""
    return tuple(
        replaced(part, streams, other)
        if isinstance(part, tuple)
        else np.where(streams[:, np.newaxis], other, part)
        for part, other in zip(state, new, strict=True)
    )


def joined_streams(states: Sequence[State]) -> State:
    """Concatenate the streams of several states into one state."""
    return tuple(
        joined_streams(parts) if isinstance(parts[0], tuple) else np.concatenate(parts)
        for parts in zip(*states, strict=True)
    )
