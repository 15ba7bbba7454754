"""Array types that the whole package uses."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
"""Float values, float32 in training and float64 in gradient checks."""

Ids = npt.NDArray[Any]
"""Token ids, any integer type."""

Bools = npt.NDArray[np.bool_]
"""Whether something holds, element by element."""

IGNORED = -1
"""The id of a target that does not count, neither in the loss nor in the gradient."""


def flatten_steps(x: Array) -> Array:
    """View ``(T, B, D)`` as ``(T*B, D)``, one row per token, for one product over all steps."""
    return x.reshape(-1, x.shape[-1])
