"""The program with one thing replaced that has no key, because nobody should want it.

``python benchmarks/claim_variants.py VARIANT train ...`` is ``rnnlm train ...`` with that.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from importlib import import_module

import numpy as np

from rnnlm_cli.commands.main import cli
from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.engines.base import Masks, Weights
from rnnlm_cli.nn.engines.choose import ENGINES
from rnnlm_cli.nn.engines.plain import Plain, PlainPass
from rnnlm_cli.nn.layers.dropout import dropout_mask
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class NewMasksPass(PlainPass):
    """One block whose recurrent mask is drawn anew at each step."""

    drawn: list[Masks]

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        y = []
        for x_t in x:  # (B, D)
            self.masks = NewMasks.draw(self.masks)
            self.drawn.append(self.masks)
            y_t, state = super()._forward(x_t[np.newaxis], state)
            y.append(y_t)
        return np.concatenate(y), state

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        dx = []
        for dy_t in dy[::-1]:
            self.masks = self.drawn.pop()
            dx_t, dstate = super()._backward(dy_t[np.newaxis], dstate)
            dx.append(dx_t)
        return np.concatenate(dx[::-1]), dstate


class NewMasks(Plain):
    """Dropout in time as the notes warn of it: the recurrent h gets new masks at each step."""

    rng = np.random.default_rng(1)

    def begin(
        self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> NewMasksPass:
        """Begin a block."""
        tape = NewMasksPass(cell, weights, steps, streams, masks)
        tape.drawn = []
        return tape

    @classmethod
    def draw(cls, masks: Masks) -> Masks:
        """Return other masks with the same rate; none where there is none, as in evaluation."""
        if masks.h is None:
            return masks
        rate = 1 - 1 / float(masks.h.max())  # a mask is 0 or 1 / (1 - rate)
        return Masks(masks.weights, dropout_mask(cls.rng, rate, masks.h.shape, masks.h))


def clip_without_epsilon(params: Iterable[Param], max_norm: float | None) -> float:
    """Clip as ``train/clipping.py`` does, but by ``max_norm / norm``."""
    params = list(params)
    norm = math.sqrt(sum(param.grad_squared_norm() for param in params))
    if max_norm is not None and norm >= max_norm:
        for param in params:
            param.scale_grad(max_norm / norm)
    return norm


def new_masks() -> None:
    """Put ``NewMasks`` in every engine's place."""
    for name in ENGINES:
        ENGINES[name] = NewMasks()


def without_epsilon() -> None:
    """Put ``clip_without_epsilon`` in the training's place."""
    vars(import_module("rnnlm_cli.train.loop"))["clip_gradients"] = clip_without_epsilon


VARIANTS: dict[str, Callable[[], None]] = {
    "new-masks": new_masks,
    "without-1e-6": without_epsilon,
}

if __name__ == "__main__":
    VARIANTS[sys.argv.pop(1)]()
    cli()
