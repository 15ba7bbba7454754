"""Base classes: ``Pass``, one block in a layer, and ``Engine``, which runs a cell over a block.

Every layer is used in the same way, with one ``Pass`` per block::

    tape = layer.begin(steps, streams, rng)
    y, state = tape.forward(x, state)         each part of the block, in order
    dx, dstate = tape.backward(dy, dstate)    the same parts, in reverse order
    tape.finish()                             once: add the parameters' gradients
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rnnlm_cli.nn.cells.base import Cell
from rnnlm_cli.nn.cpu.allocation import keep_freed_memory
from rnnlm_cli.nn.cpu.threads import single_threaded_blas
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Bools, Ids


class Pass(ABC):
    """One block in one layer: forward and, in training, backward.

    It holds everything that belongs to the block: masks, values saved for backward, and gradients.
    The layer stores none of it, so several passes may run at once.

    A block may come in consecutive parts, with the state carried from part to part. Backward takes
    the same parts in reverse order. Any other order is an error.
    """

    time_axis = -3
    """The axis ``T`` of ``x``: ``(T, B, D)``, possibly with more axes before it."""

    def __init__(self, steps: int) -> None:
        """Begin a block.

        Args:
            steps: ``T`` of the whole block.
        """
        self._steps = steps
        self._parts: list[int] = []  # steps of each part that waits for backward
        self._read = 0
        self._back = self._finished = False

    def leave_out(self, padding: Bools, present: Ids | None = None) -> None:  # noqa: B027 (most ignore it)
        """Say which steps count, before the first ``forward``; without it, all do.

        Padding ends a stream, and no gradient comes to it from above. So only a layer with a loss
        of its own needs to know.

        Args:
            padding: ``(T, B)``, steps of the whole block that do not count.
            present: ``(T,)``, streams that count at each step, where the block's streams are only
                some of those that a loss is the mean of.
        """

    def forward(self, x: Any, state: State) -> tuple[Array, State]:
        """Compute ``y (T, B, H)`` and the state after from the next part, ``x (T, B, D)``.

        Raises:
            RuntimeError: Backward has begun, or the block has fewer steps.
        """
        if self._back:
            raise RuntimeError("forward after backward: a pass is for one block")
        steps = x.shape[self.time_axis]
        if self._read + steps > self._steps:
            read = self._read + steps
            raise RuntimeError(f"forward of {read} steps, but the block has {self._steps}")
        found = self._forward(x, state)
        self._parts.append(steps)
        self._read += steps
        return found

    def backward(self, dy: Array, dstate: State) -> tuple[Any, State]:
        """Back-propagate through the last part that still waits for backward.

        Args:
            dy: ``(T, B, H)``, the gradient of the loss with respect to ``y``.
            dstate: The gradient of the state after the part.

        Returns:
            ``dx (T, B, D)``, and the gradient of the state before the part.

        Raises:
            RuntimeError: The part has another number of steps, no part waits, or forward has not
                reached the end of the block.
        """
        steps = dy.shape[-3]
        if self._read != self._steps or not self._parts or steps != self._parts[-1]:
            raise RuntimeError(
                f"backward of {steps} steps: forward did {self._read} of {self._steps}, and the "
                f"parts that wait for backward have {self._parts} steps"
            )
        self._back = True
        found = self._backward(dy, dstate)
        self._parts.pop()
        return found

    def finish(self) -> None:
        """Add the block's gradients to those of the parameters.

        Raises:
            RuntimeError: Backward has not gone through the whole block, or ``finish`` was called
                before.
        """
        if self._finished or self._parts or not self._back:
            waiting = f"{self._parts} steps wait for backward"
            raise RuntimeError(f"finish: {'already finished' if self._finished else waiting}")
        self._finished = True
        self._finish()

    @abstractmethod
    def _forward(self, x: Any, state: State) -> tuple[Array, State]:
        """As ``forward``."""

    @abstractmethod
    def _backward(self, dy: Array, dstate: State) -> tuple[Any, State]:
        """As ``backward``."""

    def _finish(self) -> None:  # noqa: B027 (layers without parameters have nothing to add)
        """As ``finish``."""


@dataclass(frozen=True)
class Weights:
    """The parameters of a recurrent layer, its ``G`` gates side by side.

    Attributes:
        ih: ``(D, G*H)``, multiplies the input.
        hh: ``(H, G*H)``, multiplies the previous hidden state; ``(H, 0)`` for a cell that is not
            ``recurrent``.
        bias: ``(G*H,)``.
        inner: ``(H,)`` each, the biases added to the recurrent product, in the order of
            ``Cell.inner``.
        own: The cell's own, in the order of ``Cell.own``; ``bias`` before them if it adds that.
    """

    ih: Param
    hh: Param
    bias: Param
    inner: tuple[Param, ...] = ()
    own: tuple[Param, ...] = ()

    def bind(self, cell: Cell) -> Cell:
        """Return the cell for one block, with the values of its own parameters."""
        return cell.bound(tuple(param.value for param in self.own))

    def add_own(self, cell: Cell) -> None:
        """Add the gradients of the cell's own parameters, after a block."""
        for param, gradient in zip(self.own, cell.gradients, strict=True):
            param.add(gradient)


@dataclass(frozen=True)
class Masks:
    """Masks of the dropout in the recurrence, the same at all steps of a block.

    Attributes:
        weights: ``(H, G*H)``, multiplies ``weight_hh``, or ``None``.
        h: ``(B, H)``, multiplies ``h`` before the recurrent product, or ``None``.
    """

    weights: Array | None = None
    h: Array | None = None


class Engine(ABC):
    """Runs a cell over a block; each engine is one file and one row in ``nn/engines/choose.py``.

    ``running`` and ``keep_memory`` suit engines in NumPy.
    """

    name: ClassVar[str]
    by_token: ClassVar[bool] = False
    """Whether its passes take ``x`` as a ``Lookup`` too; then ``dx`` is this lookup, and ``finish``
    writes the gradient into its table."""

    @property
    def level(self) -> str | None:
        """The level of the processor that it makes use of, if it has several ways to run."""
        return None

    @property
    def caution(self) -> str:
        """What keeps it from running as fast as it could, in one line; empty for nothing."""
        return ""

    def place(self, array: Array) -> Array:
        """Return a weight where the engine computes: itself, or a copy on its device."""
        return array

    @abstractmethod
    def begin(self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks) -> Pass:
        """Begin a block of ``steps`` steps and ``streams`` streams."""

    def splits_in_time(self, cell: Cell, weights: Weights, streams: int) -> bool:
        """Whether layers should run in flight (see ``nn/layers/stack.py``)."""
        return True

    def block_arrays(self, cell: Cell, dtype: np.dtype[Any]) -> int:
        """Return how many arrays ``(T, B, H)`` a layer of a block holds; see ``Cell``."""
        return cell.block_arrays

    @contextmanager
    def running(self) -> Iterator[None]:
        """Limit BLAS to one thread and silence overflow warnings, around one or more passes.

        Our own threads divide the work. Callers check results for overflow (``model/bounds.py``).
        """
        with single_threaded_blas, np.errstate(over="ignore", invalid="ignore"):
            yield

    def keep_memory(self) -> None:
        """Keep the memory of one block for the next: the blocks of a training have one size."""
        keep_freed_memory()


def joined(parts: list[Array]) -> Array:
    """Concatenate the parts of a block; a single part is returned as it is."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def masked(x: Array, mask: Array | None) -> Array:
    """Return ``x * mask``, or ``x`` itself without a mask."""
    return x if mask is None else x * mask
