"""The engine for a CUDA device: weights, states and gradients stay there.

The products over all steps are one call of cuBLAS each. A step is a recurrent product and one
kernel, and all steps of a block are one CUDA graph where its shape repeats. A cell without kernels
runs by its own equations, step by step, on the device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import numpy as np

from rnnlm_cli.nn import device
from rnnlm_cli.nn.cells.base import Cell, gate_columns
from rnnlm_cli.nn.cpu.threads import on_this_thread, product
from rnnlm_cli.nn.cuda.graph import Graphs
from rnnlm_cli.nn.cuda.sums import sum_columns
from rnnlm_cli.nn.engines.base import Engine, Masks, Pass, Weights, joined, masked
from rnnlm_cli.nn.engines.cuda_block import DeviceBlock
from rnnlm_cli.nn.engines.cuda_cells import KERNELS
from rnnlm_cli.nn.engines.plain import PlainPass
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps

Shape = tuple[int, int, bool, bool, int, str]
"""Steps, streams, whether there are masks of ``h`` and of weights, which weights, and how factors
are rounded: a graph keeps that."""

MOST_SHAPES = 64
"""Of blocks whose arrays a layer keeps, at most; ``training.bptt_variable`` has fewer."""


class CudaPass(Pass):
    """One block; its arrays go back to the engine when it is finished.

    While the weights are promised not to change (``Param.kept``), it is when it has been read.
    """

    def __init__(
        self,
        cell: Cell,
        weights: Weights,
        block: DeviceBlock,
        steps: int,
        masks: Masks,
        give_back: Callable[[], None],
    ) -> None:
        super().__init__(steps)
        self._give_back = give_back
        self._only_reads = weights.hh.kept is not None
        self._cell, self._weights, self._masks = cell, weights, masks
        self.block = block
        self._x: list[Array] = []  # (T, B, D) per part

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        start, stop, block = self._read, self._read + len(x), self.block
        self._x.append(x)
        product(
            flatten_steps(x), self._weights.ih.value, out=flatten_steps(block.gates[start:stop])
        )
        for array, part in zip(block.states, state, strict=True):
            array[start] = part
        block.forward(start, stop)
        y, after = (
            block.states[0][start + 1 : stop + 1],
            tuple(a[stop].copy() for a in block.states),
        )
        if self._only_reads:
            y = y.copy()  # the next block writes where it was
            if stop == self._steps:
                self._give_back()
        return y, after

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        if self._only_reads:
            raise RuntimeError("backward of a block that was read while no weight may change")
        stop, block = sum(self._parts), self.block
        start = stop - len(dy)
        block.dy[start:stop] = dy
        np.copyto(block.dh, dstate[0])
        if block.dc is not None:
            np.copyto(block.dc, dstate[1])
        block.backward(start, stop)
        dx = product(flatten_steps(block.gates[start:stop]), self._weights.ih.value.T)
        dh = masked(block.dh, block.mask)
        dh = dh.copy() if block.direct is None else dh + block.direct
        dbefore = (dh,) if block.dc is None else (dh, block.dc.copy())
        return dx.reshape(*dy.shape[:2], -1), dbefore

    def _finish(self) -> None:
        weights, block = self._weights, self.block
        da, dp = flatten_steps(block.gates), flatten_steps(block.dp)  # (T*B, G*H)
        h = flatten_steps(block.read[:-1])
        sums = sum_columns(da)
        weights.bias.add(sums)
        weights.ih.add_product(flatten_steps(joined(self._x)), da)
        if self._masks.weights is None:
            weights.hh.add_product(h, dp)
        else:
            weights.hh.add(product(h.T, dp) * self._masks.weights)
        if self._cell.inner:
            sums = sum_columns(dp)
        for gate, bias in zip(self._cell.inner, weights.inner, strict=True):
            bias.add(sums[gate_columns(self._cell, gate, h.shape[1])])
        self._give_back()


class Cuda(Engine):
    """Runs cells on the device; see ``nn/device.py`` for what it needs."""

    name = "cuda"

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Weights, dict[Shape, DeviceBlock]] = WeakKeyDictionary()

    @property
    def level(self) -> str | None:
        """The name of the card."""
        return device.card().name

    @property
    def caution(self) -> str:
        """As in ``Engine``: that launches could not be captured in a graph."""
        if not Graphs.failure:
            return ""
        return (
            f"a CUDA graph could not be captured ({Graphs.failure}); the steps of each block are "
            "launched one by one, which is slower and gives the same results"
        )

    def place(self, array: Array) -> Array:
        """Return the array on the device."""
        return array if device.on_device(array) else device.to_device(array)

    def begin(self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks) -> Pass:
        """Begin a block, in the arrays of a finished one if there is one of this shape."""
        kernel = KERNELS.get(type(cell))
        if kernel is None:
            # an empty one is not a parameter of the network, so that nothing has placed it
            weights.hh.value = self.place(weights.hh.value)
            return PlainPass(cell, weights, steps, streams, masks)
        shape = (
            *(steps, streams, masks.h is not None, masks.weights is not None),
            id(weights.hh.value),
            device.factors(),
        )
        block = self._kept.get(weights, {}).pop(shape, None)
        if block is None or not block.fits(weights, masks):
            block = DeviceBlock(kernel, cell, weights, steps, streams, masks)
        block.begin(masks)

        def give_back() -> None:
            kept = self._kept.setdefault(weights, {})
            if len(kept) >= MOST_SHAPES:
                kept.pop(next(iter(kept)))  # the one that was not used for longest
            kept[shape] = block

        return CudaPass(cell, weights, block, steps, masks, give_back)

    def splits_in_time(self, cell: Cell, weights: Weights, streams: int) -> bool:
        """Never: a device does one thing after another."""
        return False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Use no other threads; say in one line if the device is full."""
        with on_this_thread(), device.explained():
            yield

    def keep_memory(self) -> None:
        """Nothing to do: CuPy keeps freed memory."""
