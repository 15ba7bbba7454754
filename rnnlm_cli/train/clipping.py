"""Gradient clipping, the remedy for exploding gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rnnlm_cli.nn.param import Param


def clip_gradients(params: Iterable[Param], max_norm: float | None) -> float:
    """Scale the whole gradient down to ``max_norm`` if it is longer (Pascanu et al., 2013).

    ``g *= max_norm / (norm + 1e-6)`` where ``norm >= max_norm``. The norm is taken over all
    parameters together, each counted once.

    Args:
        params: Distinct parameters.
        max_norm: The threshold; ``None`` to never clip.

    Returns:
        The L2 norm before clipping.
    """
    params = list(params)
    norm = math.sqrt(sum(param.grad_squared_norm() for param in params))
    if max_norm is not None and norm >= max_norm:
        for param in params:
            param.scale_grad(max_norm / (norm + 1e-6))
    return norm
