"""What the three cells share: parameters, the products over all steps, the recurrent mask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.cpu.tiles import repeated_product
from rnnlm_cli.nn.init import Initializer
from rnnlm_cli.nn.layers.base import Reader
from rnnlm_cli.nn.layers.dropout import dropout_mask
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, flatten_steps


class Recurrence:
    """One block in a cell: the recurrent weights as it has them, and arrays over all its steps.

    A block may be read in parts. Masks are drawn, and weights laid out, once for all of them;
    each part has its own steps of the arrays.

    Attributes:
        steps: ``T`` of the block.
        kept_weights: ``(H, G*H)``, what the weights were multiplied by, or ``None``.
        kept_h: ``(B, H)``, what ``h`` is multiplied by before the product, or ``None``.
    """

    def __init__(
        self,
        w_hh: Array,
        steps: int,
        streams: int,
        kept_weights: Array | None = None,
        kept_h: Array | None = None,
    ) -> None:
        self.steps, self.kept_weights, self.kept_h = steps, kept_weights, kept_h
        self._weights, self._streams = by_gate(w_hh, w_hh.shape[1] // len(w_hh)), streams
        self._arrays: dict[str, Array] = {}
        self._read = 0

    def next_part(self, steps: int) -> slice:
        """Return the place of the next so many steps."""
        self._read += steps
        return slice(self._read - steps, self._read)

    def array(self, name: str, width: int, more: int = 0) -> Array:
        """Return the block's array of that name, ``(T + more, B, width)``; empty at first."""
        return self._array(name, (self.steps + more, self._streams, width))

    def gate_array(self, name: str) -> Array:
        """Return the block's array of that name, ``(G, T, B, H)``; empty at first."""
        gates, _, size = self._weights.shape
        return self._array(name, (gates, self.steps, self._streams, size))

    def gradient(self, name: str, now: slice) -> Array:
        """Return one part ``(G, T, B, H)`` for a backward pass, which begins with the last."""
        if now.stop == self.steps:
            self._arrays.pop(name, None)  # one from a pass before may still be in use
        return self.gate_array(name)[:, now]

    def product(self, h: Array) -> Array:
        """``(h * kept_h) W_hh``: ``(B, H)`` to ``(G, B, H)``, valid until the next call."""
        return self._forward(masked(h, self.kept_h))

    def product_backward(self, da: Array) -> Array:
        """``da (G, B, H)`` to the gradient of ``h (B, H)``."""
        return masked(np.add.reduce(self._backward(da), axis=0), self.kept_h)

    def _array(self, name: str, shape: tuple[int, ...]) -> Array:
        if name not in self._arrays:
            self._arrays[name] = np.empty(shape, self._weights.dtype)
        return self._arrays[name]

    @cached_property
    def _forward(self) -> Callable[[Array], Array]:
        return repeated_product(self._weights, self._streams, self.steps)

    @cached_property
    def _backward(self) -> Callable[[Array], Array]:
        return repeated_product(self._weights.swapaxes(1, 2), self._streams, self.steps)


class Recurrent(ABC):
    """Base of RNN, LSTM and GRU: one product with the input, one with the hidden state.

    The input product of all ``T`` steps needs no step's result, so it is one matrix product a gate
    before the loop over time. So are, after the backward loop, the gradients of both weights.

    What belongs to the gates is kept gate by gate, ``(G, T, B, H)``, so that each gate of a step is
    one piece of memory, and what is done to it one run over it.

    Attributes:
        weight_ih: ``(D, G*H)``, input to the ``G`` gates, side by side.
        weight_hh: ``(H, G*H)``, last hidden state to the gates.
        bias: ``(G*H,)``, zero at first.
    """

    gates: ClassVar[int]
    """``G``, the number of blocks of ``H`` columns."""

    state_arrays: ClassVar[int] = 1
    """How many arrays ``(B, H)`` make the state."""

    block_arrays: ClassVar[int] = 16
    """Arrays ``(T, B, H)`` that both passes hold at once, as measured, to estimate memory.

    A cell that does not say gets one more than any cell here has.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        init: Initializer,
        recurrent_dropout: float = 0.0,
        weight_dropout: float = 0.0,
    ) -> None:
        """Make the parameters.

        Args:
            input_size: ``D``.
            hidden_size: ``H``.
            init: How both weights begin.
            recurrent_dropout: Rate on the recurrent ``h``, one mask a stream for all steps of a
                block: the variational form (Gal and Ghahramani, 2016), which may stand in time.
            weight_dropout: Rate on ``weight_hh``, one mask a block (DropConnect: Wan et al., 2013;
                in the recurrence: Merity et al., 2018).
        """
        width = self.gates * hidden_size
        self.input_size, self.hidden_size = input_size, hidden_size
        self.recurrent_dropout = recurrent_dropout
        self.weight_dropout = weight_dropout
        self.weight_ih = Param(init((input_size, width), input_size))
        self.weight_hh = Param(init((hidden_size, width), hidden_size))
        self.bias = Param(np.zeros(width, self.weight_ih.value.dtype))

    @property
    def splits_in_time(self) -> bool:
        """Each step needs the one before it, and no other."""
        return True

    @property
    def params(self) -> dict[str, Param]:
        """``weight_ih``, ``weight_hh`` and ``bias``."""
        return {"weight_ih": self.weight_ih, "weight_hh": self.weight_hh, "bias": self.bias}

    def initial_state(self, batch_size: int) -> State:
        """Return zeros ``(B, H)``, one array for each that the cell carries on."""
        shape = (batch_size, self.hidden_size)
        return tuple(np.zeros(shape, self.bias.value.dtype) for _ in range(self.state_arrays))

    def for_block(self, steps: int, streams: int, rng: np.random.Generator | None = None) -> Reader:
        """Draw the masks of a block; both kinds hold for all its steps."""
        w_hh = self.weight_hh.value
        kept_weights = kept_h = None
        if rng is not None and self.weight_dropout > 0:
            kept_weights = dropout_mask(rng, self.weight_dropout, w_hh.shape, like=w_hh)
            w_hh = w_hh * kept_weights
        if rng is not None and self.recurrent_dropout > 0:
            kept_h = dropout_mask(rng, self.recurrent_dropout, (streams, self.hidden_size), w_hh)
        block = Recurrence(w_hh, steps, streams, kept_weights, kept_h)
        return lambda x, state: self.read(x, state, block)

    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Any]:
        """``x (T, B, D)`` and the state to ``y (T, B, H)``."""
        return self.for_block(x.shape[0], x.shape[1], rng)(x, state)

    @abstractmethod
    def read(self, x: Array, state: State, block: Recurrence) -> tuple[Array, State, Any]:
        """Read the next part of a block: ``x (T, B, D)`` and the state to ``y (T, B, H)``."""

    @abstractmethod
    def backward(self, dy: Array, dstate: State, cache: Any) -> tuple[Array, State]:
        """``dy (T, B, H)`` and the final state's gradient to ``dx (T, B, D)``."""

    def input_product(self, x: Array, block: Recurrence, now: slice) -> Array:
        """``x W_ih + b`` of a part: ``(T, B, D)`` to ``(G, T, B, H)``, in the block's ``gates``."""
        block.array("x", x.shape[-1])[now] = x
        found = block.gate_array("gates")[:, now]
        weights = by_gate(self.weight_ih.value, self.gates)
        product(flatten_steps(x), weights, out=rows_by_gate(found))
        found += self.bias.value.reshape(self.gates, 1, 1, -1)
        return found

    def products_backward(
        self, block: Recurrence, now: slice, da: str = "da", dp: str = "da"
    ) -> Array:
        """The way back of both products; the gradients of the weights wait for all steps.

        Args:
            block: The block. Its arrays ``x`` and ``h`` hold what was multiplied.
            now: The part that has just been gone through.
            da: The block's array ``(G, T, B, H)`` with the gradient of the input product.
            dp: That of the recurrent product.

        Returns:
            ``dx (T, B, D)`` of the part.
        """
        part = block.gate_array(da)[:, now]
        self.bias.add(part.sum(axis=(1, 2)).reshape(-1))
        weights = by_gate(self.weight_ih.value, self.gates)
        dx: Array = product(rows_by_gate(part), weights.swapaxes(1, 2)).sum(axis=0)
        if now.start == 0:
            x = block.array("x", self.input_size)
            self.weight_ih.add_product(flatten_steps(x), rows_by_gate(block.gate_array(da)))
            h = masked(block.array("h", self.hidden_size, 1)[:-1], block.kept_h)
            dp_rows = rows_by_gate(block.gate_array(dp))
            if block.kept_weights is None:
                self.weight_hh.add_product(flatten_steps(h), dp_rows)
            else:
                dw = np.concatenate(product(flatten_steps(h).T, dp_rows), axis=1)
                self.weight_hh.add(dw * block.kept_weights)
        return dx.reshape(*part.shape[1:3], -1)


def by_gate(weight: Array, gates: int) -> Array:
    """View ``(D, G*H)`` as one matrix a gate, ``(G, D, H)``."""
    gate_first: Array = weight.reshape(len(weight), gates, -1).swapaxes(0, 1)
    return gate_first


def rows_by_gate(da: Array) -> Array:
    """View ``(G, T, B, H)`` as ``(G, T*B, H)``."""
    return da.reshape(len(da), -1, da.shape[-1])


def masked(h: Array, mask: Array | None) -> Array:
    """``h * mask``, or ``h`` itself where there is no mask."""
    return h if mask is None else h * mask
