"""Updates of weights that gain from a kernel: the same bits with it and without."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from rnnlm_cli.nn.cpu.pieces import in_pieces
from rnnlm_cli.nn.cuda import updates
from rnnlm_cli.nn.device import on_device
from rnnlm_cli.nn.engines.kernels import kernels
from rnnlm_cli.system.arrays import Array


@dataclass(frozen=True)
class AdamStep:
    """The numbers of one step of Adam (see ``train/optimizers/adam.py``).

    Attributes:
        keep: ``1 - rate * decay``, what weight decay leaves of a weight.
        beta1: The share of ``m`` that is kept.
        beta2: The share of ``v`` that is kept.
        mean_scale: ``rate / (1 - beta1^t)``.
        root_scale: ``1 / sqrt(1 - beta2^t)``.
        epsilon: Added to the root.
    """

    keep: float
    beta1: float
    beta2: float
    mean_scale: float
    root_scale: float
    epsilon: float


def adam_update(value: Array, gradient: Array, m: Array, v: Array, step: AdamStep) -> None:
    """Update a parameter and both its running means in place.

    Args:
        value: The parameter, any shape, contiguous.
        gradient: Its gradient.
        m: The running mean of the gradient.
        v: The running mean of its square.
        step: The numbers of the step.
    """
    if on_device(value):
        updates.adam(value, gradient, m, v, astuple(step))
        return

    def in_numpy(value: Array, gradient: Array, m: Array, v: Array) -> None:
        if step.keep != 1:
            value *= step.keep
        m *= step.beta1
        m += (1 - step.beta1) * gradient
        v *= step.beta2
        v += (1 - step.beta2) * (gradient * gradient)
        root = np.sqrt(v)
        root *= step.root_scale
        root += step.epsilon
        value -= step.mean_scale * (m / root)

    compiled = kernels()
    if compiled is None or value.dtype != np.float32:
        in_pieces(in_numpy, value, gradient, m, v)
    else:
        in_pieces(lambda *pieces: compiled.adam(*pieces, *astuple(step)), value, gradient, m, v)
