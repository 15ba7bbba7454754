"""What an engine is: it runs a cell over a block, forward and backward.

Every layer, and the cells by way of an engine, is used in the same way, one object per block::

    tape = layer.begin(steps, streams, rng)
    y, state = tape.forward(x, state)         the parts of the block, in order
    dx, dstate = tape.backward(dy, dstate)    the same parts, the last one first
    tape.finish()                             the gradients of the parameters, once
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
from rnnlm_cli.system.arrays import Array


class Pass(ABC):
    """One block on its way through a layer: forward, and backward if it is to be learned from.

    It holds all that belongs to the block: masks, what backward needs, gradients under way. The
    layer keeps nothing of it, so that any number of passes may be under way at once.

    A block may come in parts, one after another in time, with the state carried. Backward goes
    through the same parts in reverse. What comes in another order is an error.
    """

    time_axis = -3
    """Which axis of ``x`` is ``T``: that of ``(T, B, D)``, whatever comes before it."""

    def __init__(self, steps: int) -> None:
        """Begin.

        Args:
            steps: ``T`` of the whole block.
        """
        self._steps = steps
        self._parts: list[int] = []  # steps of those that were read and not gone back through
        self._read = 0
        self._back = self._finished = False

    def forward(self, x: Any, state: State) -> tuple[Array, State]:
        """Read the next part: ``x (T, B, D)`` and the state to ``y (T, B, H)`` and the state after.

        Raises:
            RuntimeError: Backward has begun, or the block has fewer steps.
        """
        if self._back:
            raise RuntimeError("forward after backward: a pass is for one block")
        steps = x.shape[self.time_axis]
        if self._read + steps > self._steps:
            read = self._read + steps
            raise RuntimeError(f"{read} steps were read of a block of {self._steps}")
        found = self._forward(x, state)
        self._parts.append(steps)
        self._read += steps
        return found

    def backward(self, dy: Array, dstate: State) -> tuple[Any, State]:
        """Go back through the last part that was read and not gone back through.

        Args:
            dy: ``(T, B, H)``, the loss's gradient with respect to ``y``.
            dstate: The gradient of the state after the part.

        Returns:
            ``dx (T, B, D)``, and the gradient of the state before the part.

        Raises:
            RuntimeError: That part has another number of steps, there is none, or the block has
                not been read to its end.
        """
        steps = dy.shape[-3]
        if self._read != self._steps or not self._parts or steps != self._parts[-1]:
            raise RuntimeError(
                f"backward of {steps} steps: {self._read} of {self._steps} were read, and the "
                f"parts that wait have {self._parts} steps"
            )
        self._back = True
        found = self._backward(dy, dstate)
        self._parts.pop()
        return found

    def finish(self) -> None:
        """Add the gradients of the parameters to theirs.

        Raises:
            RuntimeError: Backward has not gone through the whole block, or has been finished.
        """
        if self._finished or self._parts or not self._back:
            done = "it is finished" if self._finished else f"{self._parts} steps wait for backward"
            raise RuntimeError(f"finish: {done}")
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
    """The parameters of a recurrent layer, the ``G`` gates side by side.

    Attributes:
        ih: ``(D, G*H)``, from the input.
        hh: ``(H, G*H)``, from the last hidden state.
        bias: ``(G*H,)``.
        inner: ``(H,)`` each, the biases inside the recurrent product, in the order of
            ``Cell.inner``.
    """

    ih: Param
    hh: Param
    bias: Param
    inner: tuple[Param, ...] = ()


@dataclass(frozen=True)
class Masks:
    """What dropout in the recurrence multiplies by: the same at all steps of a block.

    Attributes:
        weights: ``(H, G*H)``, on ``weight_hh``, or ``None``.
        h: ``(B, H)``, on ``h`` before the recurrent product, or ``None``.
    """

    weights: Array | None = None
    h: Array | None = None


class Engine(ABC):
    """Runs cells; each is one file and one row in ``nn/engines/choose.py``.

    The settings are those of an engine in NumPy.
    """

    name: ClassVar[str]

    @abstractmethod
    def begin(self, cell: Cell, weights: Weights, steps: int, streams: int, masks: Masks) -> Pass:
        """Begin a block of ``steps`` steps and ``streams`` streams."""

    @contextmanager
    def running(self) -> Iterator[None]:
        """Limit BLAS to one thread and silence overflow warnings, around one or more passes.

        Threads of our own divide the work. What overflows is found in the results (see
        ``model/bounds.py``).
        """
        with single_threaded_blas, np.errstate(over="ignore", invalid="ignore"):
            yield

    def keep_memory(self) -> None:
        """Keep the memory of one block for the next: a training is many blocks of one size."""
        keep_freed_memory()


def masked(x: Array, mask: Array | None) -> Array:
    """``x * mask``, or ``x`` itself where there is no mask."""
    return x if mask is None else x * mask
