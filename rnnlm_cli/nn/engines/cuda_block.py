"""The arrays of a block on the device, and the two loops over its steps."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cuda.graph import Loop
from rnnlm_cli.nn.cuda.launch import each
from rnnlm_cli.nn.cuda.products import product
from rnnlm_cli.nn.engines.base import Masks, Weights
from rnnlm_cli.system.arrays import Array


class DeviceBlock:
    """The arrays of one block in one layer; ``T`` steps, ``B`` streams, ``G`` gates.

    They stay where they are, so that the next block of the same shape can have them, and with them
    the graphs of the loops.

    Attributes:
        gates: ``(T, B, G*H)``: the input product, then the gates, then the gradient of their
            inputs, each in the place of the one before.
        states: ``(T+1, B, H)`` each, the arrays of ``cell.states``; index 0 is the initial state.
        read: ``(T+1, B, H)``, ``h`` as the recurrent product reads it.
        dp: ``(T, B, G*H)``, the gradient of the recurrent product; ``gates`` where it is the same.
        dy: ``(T, B, H)``, the gradient of ``h`` from above.
        dh: ``(B, H)``, that of ``h`` through the recurrent product of the step after.
        direct: ``(B, H)``, that of ``h`` but for the product, for cells that have one.
        dc: ``(B, H)``, that of ``c``, for cells that have it.
    """

    def __init__(
        self, kernel: str, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks
    ) -> None:
        """Allocate.

        Args:
            kernel: The prefix of the cell's kernels.
            cell: The cell.
            weights: Of the layer, on the device.
            steps: ``T``.
            streams: ``B``.
            masks: Which masks there are; their values are taken by ``begin``.
        """
        self._kernel, self._steps = kernel, steps
        self._used = values_of(weights)  # their addresses are in the graphs
        like = weights.hh.value
        self._size = size = len(like)
        self._streams = streams

        def empty(*shape: int) -> Array:
            return np.empty_like(like, order="C", shape=shape)

        self.gates = empty(steps, streams, like.shape[1])
        self.states = [empty(steps + 1, streams, size) for _ in cell.states]
        self.mask = None if masks.h is None else empty(streams, size)
        self.read = self.states[0] if masks.h is None else empty(steps + 1, streams, size)
        self._masked = None if masks.weights is None else empty(*like.shape)
        self._w_hh = like if self._masked is None else self._masked
        self._from_h = empty(streams, like.shape[1])
        self._bias = weights.bias.value
        self._inner = weights.inner[0].value if cell.inner else None
        self._separate = empty(steps, streams, size) if cell.inner else None
        self.dp = empty(*self.gates.shape) if cell.inner else self.gates
        self.direct = empty(streams, size) if cell.inner else None
        self.dc = empty(streams, size) if len(cell.states) > 1 else None
        self.dy, self.dh = empty(steps, streams, size), empty(streams, size)
        self._up, self._down = Loop(), Loop()

    def fits(self, weights: Weights, masks: Masks) -> bool:
        """Whether a block with these weights and masks can have the arrays."""
        same = all(a is b for a, b in zip(values_of(weights), self._used, strict=True))
        alike = (masks.h is None) == (self.mask is None)
        return same and alike and (masks.weights is None) == (self._masked is None)

    def begin(self, masks: Masks) -> None:
        """Take the masks of a block."""
        if self.mask is not None and masks.h is not None:
            np.copyto(self.mask, masks.h)
        if self._masked is not None and masks.weights is not None:
            np.multiply(self._used[0], masks.weights, out=self._masked)

    def forward(self, start: int, stop: int) -> None:
        """Take some steps, from the state at ``start``; ``gates`` has their input product."""
        if self.mask is not None:
            np.multiply(self.states[0][start], self.mask, out=self.read[start])
        if stop - start == self._steps:
            self._up.run(partial(self._forward, start, stop))
        else:
            self._forward(start, stop)

    def backward(self, start: int, stop: int) -> None:
        """Back-propagate through some steps; ``dh``, ``dc`` are those of the state at ``stop``."""
        if self.direct is not None:
            self.direct.fill(0)
        if stop - start == self._steps:
            self._down.run(partial(self._backward, start, stop))
        else:
            self._backward(start, stop)

    def _forward(self, start: int, stop: int) -> None:
        for t in range(start, stop):
            product(self.read[t], self._w_hh, self._from_h)
            self._launch(
                "forward",
                *(self.gates[t], self._from_h, self._bias, self._inner),
                *(*self._both(t), *self._both(t + 1)),
                *(self.mask, None if self.mask is None else self.read[t + 1]),
                self._saved(t),
            )

    def _backward(self, start: int, stop: int) -> None:
        transposed = self._w_hh.T
        for t in reversed(range(start, stop)):
            # the gradient of the state after the last step is whole, the others come by the mask
            mask = None if t == stop - 1 else self.mask
            self._launch(
                "backward",
                *(self.gates[t], self.dp[t], self.dy[t], self.dh, mask, self.direct, self.dc),
                *(*self._both(t), *self._both(t + 1), self._saved(t)),
            )
            product(self.dp[t], transposed, self.dh)

    def _both(self, t: int) -> tuple[Array, Array | None]:
        """Return ``h`` and ``c`` before step ``t``; ``None`` for a cell without ``c``."""
        h, *rest = (state[t] for state in self.states)
        return h, rest[0] if rest else None

    def _saved(self, t: int) -> Array | None:
        return None if self._separate is None else self._separate[t]

    def _launch(self, which: str, *arguments: Any) -> None:
        streams, size = self._streams, self._size
        name = f"{self._kernel}_{which}"
        each(name, streams * size, self.gates, *arguments, streams, size)


def values_of(weights: Weights) -> list[Array]:
    """Return the arrays that the loops read, ``hh`` first."""
    return [param.value for param in (weights.hh, weights.bias, *weights.inner)]
