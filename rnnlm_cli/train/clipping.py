"""Gradient clipping, the remedy for exploding gradients."""

from __future__ import annotations

import math
from collections.abc import Iterable

from rnnlm_cli.nn.cuda import sums
from rnnlm_cli.nn.device import on_device
from rnnlm_cli.nn.param import Param


def clip_gradients(params: Iterable[Param], max_norm: float | None) -> float:
    """Scale the whole gradient down to ``max_norm`` if it is longer (Pascanu et al., 2013).

    ``g *= max_norm / (norm + 1e-6)`` where ``norm >= max_norm``. The norm is taken over all
    parameters together, each counted once.

    Args:
        params: Distinct parameters.
        max_norm: The threshold; ``None`` to never clip.

    Returns:
        The L2 norm before clipping; on a device an array ``()``, not waited for.
    """
    params = list(params)
    gradients = [param.gradient.values for param in params if param.gradient is not None]
    if gradients and on_device(gradients[0]):
        return sums.clip(gradients, max_norm)
    norm = math.sqrt(sum(param.grad_squared_norm() for param in params))
    if max_norm is not None and norm >= max_norm:
        for param in params:
            param.scale_grad(max_norm / (norm + 1e-6))
    return norm
