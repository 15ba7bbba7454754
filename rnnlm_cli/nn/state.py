"""The state that goes from block to block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlm_cli.system.arrays import Ids

State = tuple[Any, ...]
"""Arrays ``(B, H)``, possibly in nested tuples; ``()`` where a layer keeps none."""


def of_streams(state: State, streams: Ids) -> State:
    """Return the state of some streams, in a new order, each as often as it is named."""
    return tuple(
        of_streams(part, streams) if isinstance(part, tuple) else part[streams] for part in state
    )


def joined_streams(states: Sequence[State]) -> State:
    """Return one state with the streams of several, one after another."""
    return tuple(
        joined_streams(parts) if isinstance(parts[0], tuple) else np.concatenate(parts)
        for parts in zip(*states, strict=True)
    )
