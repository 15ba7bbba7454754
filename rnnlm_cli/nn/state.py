"""The state carried from block to block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.nn.device import beside
from rnnlm_cli.system.arrays import Array, Bools, Ids

State = tuple[Any, ...]
"""Arrays ``(B, H)``, possibly in nested tuples; ``()`` for a layer without a state."""


def of_streams(state: State, streams: Ids) -> State:
    """Return the state of the given streams, in that order; streams may repeat."""
    return tuple(
        of_streams(part, streams) if isinstance(part, tuple) else part[beside(streams, part)]
        for part in state
    )


def begun_anew(state: State, streams: Bools, first: State) -> State:
    """Return the state with that of ``first`` in the chosen streams ``(B,)``."""
    return tuple(
        begun_anew(part, streams, begin)
        if isinstance(part, tuple)
        else np.where(beside(streams[:, np.newaxis], part), begin, part)
        for part, begin in zip(state, first, strict=True)
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


def joined_parts(state: State) -> Array:
    """Return all arrays of a state side by side, ``(B, Z)``."""
    parts = (joined_parts(part) if isinstance(part, tuple) else part for part in state if len(part))
    return np.concatenate(list(parts), axis=1)


def like_parts(joined: Array, like: State) -> State:
    """Return a state of the form of ``like`` from what ``joined_parts`` gives.

    >>> like_parts(np.array([[1, 2, 3]]), (np.zeros((1, 2)), (), (np.zeros((1, 1)),)))
    (array([[1, 2]]), (), (array([[3]]),))
    """
    found, start = list[Any](), 0
    for part in like:
        width = joined_parts(part).shape[1] if isinstance(part, tuple) and part else 0
        width = width if isinstance(part, tuple) else part.shape[1]
        own = np.ascontiguousarray(joined[:, start : start + width])
        found.append(like_parts(own, part) if isinstance(part, tuple) else own)
        start += width
    return tuple(found)


def joined_streams(states: Sequence[State]) -> State:
    """Concatenate the streams of several states into one state."""
    return tuple(
        joined_streams(parts) if isinstance(parts[0], tuple) else np.concatenate(parts)
        for parts in zip(*states, strict=True)
    )
