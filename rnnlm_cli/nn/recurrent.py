"""What the three cells share: parameters, the products over all steps, the recurrent mask."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rnnlm_cli.nn.dropout import dropout_mask
from rnnlm_cli.nn.initializers import Initializer
from rnnlm_cli.nn.layer import Array, Param, State, flatten_steps
from rnnlm_cli.nn.threads import product


class Noise(NamedTuple):
    """What is dropped in the recurrence of one block: the same at every step.

    Attributes:
        w_hh: ``(H, G*H)``, the recurrent weights as this block has them.
        kept_weights: ``(H, G*H)``, what they were multiplied by, or ``None``.
        kept_h: ``(B, H)``, what ``h`` is multiplied by before the product, or ``None``.
    """

    w_hh: Array
    kept_weights: Array | None = None
    kept_h: Array | None = None

    def product(self, h: Array) -> Array:
        """``(h * kept_h) W_hh``: ``(B, H)`` to ``(B, G*H)``."""
        found: Array = masked(h, self.kept_h) @ self.w_hh
        return found

    def product_backward(self, da: Array) -> Array:
        """``da (B, G*H)`` to the gradient of ``h (B, H)``."""
        return masked(da @ self.w_hh.T, self.kept_h)


class Recurrent(ABC):
    """Base of RNN, LSTM and GRU: one product with the input, one with the hidden state.

    The input product of all ``T`` steps needs no step's result, so it is one matrix product
    before the loop over time. So are, after the backward loop, the gradients of both weights.

    Attributes:
        weight_ih: ``(D, G*H)``, input to the ``G`` gates, side by side.
        weight_hh: ``(H, G*H)``, last hidden state to the gates.
        bias: ``(G*H,)``, zero at first.
    """

    gates: ClassVar[int]
    """``G``, the number of blocks of ``H`` columns."""

    state_arrays: ClassVar[int] = 1
    """How many arrays ``(B, H)`` make the state."""

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
        self.hidden_size = hidden_size
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
    def draws_once(self) -> bool:
        """Both kinds of mask hold for all steps of a block."""
        return True

    @property
    def params(self) -> dict[str, Param]:
        """``weight_ih``, ``weight_hh`` and ``bias``."""
        return {"weight_ih": self.weight_ih, "weight_hh": self.weight_hh, "bias": self.bias}

    def initial_state(self, batch_size: int) -> State:
        """Return zeros ``(B, H)``, one array for each that the cell carries on."""
        shape = (batch_size, self.hidden_size)
        return tuple(np.zeros(shape, self.bias.value.dtype) for _ in range(self.state_arrays))

    @abstractmethod
    def forward(
        self, x: Array, state: State, rng: np.random.Generator | None = None
    ) -> tuple[Array, State, Any]:
        """``x (T, B, D)`` and the state to ``y (T, B, H)``."""

    @abstractmethod
    def backward(self, dy: Array, dstate: State, cache: Any) -> tuple[Array, State]:
        """``dy (T, B, H)`` and the final state's gradient to ``dx (T, B, D)``."""

    def input_product(self, x: Array) -> Array:
        """``x W_ih + b`` of all steps: ``(T, B, D)`` to ``(T, B, G*H)``, a fresh array."""
        found = product(flatten_steps(x), self.weight_ih.value)
        found += self.bias.value
        return found.reshape(*x.shape[:2], -1)

    def input_product_backward(self, da: Array, x: Array) -> Array:
        """``da (T, B, G*H)``, the gradient of the input product, to ``dx (T, B, D)``."""
        rows = flatten_steps(da)
        self.bias.add(rows.sum(axis=0))
        self.weight_ih.add_product(flatten_steps(x), rows)
        dx = product(rows, self.weight_ih.value.T)
        return dx.reshape(x.shape)

    def draw_noise(self, batch_size: int, rng: np.random.Generator | None) -> Noise:
        """Return the recurrent weights for one block, and what is dropped in it."""
        w_hh = self.weight_hh.value
        kept_weights = kept_h = None
        if rng is not None and self.weight_dropout > 0:
            kept_weights = dropout_mask(rng, self.weight_dropout, w_hh.shape, like=w_hh)
            w_hh = w_hh * kept_weights
        if rng is not None and self.recurrent_dropout > 0:
            shape = (batch_size, self.hidden_size)
            kept_h = dropout_mask(rng, self.recurrent_dropout, shape, like=w_hh)
        return Noise(w_hh, kept_weights, kept_h)

    def recurrent_backward(self, da: Array, h_before: Array, noise: Noise) -> None:
        """Add the gradient of ``weight_hh``, all steps at once.

        Args:
            da: ``(T, B, G*H)``, the gradient of the recurrent product.
            h_before: ``(T, B, H)``, the hidden state that each step began with.
            noise: What ``draw_noise`` gave.
        """
        h_rows = flatten_steps(masked(h_before, noise.kept_h))
        if noise.kept_weights is None:
            self.weight_hh.add_product(h_rows, flatten_steps(da))
        else:
            self.weight_hh.add(product(h_rows.T, flatten_steps(da)) * noise.kept_weights)


def masked(h: Array, mask: Array | None) -> Array:
    """``h * mask``, or ``h`` itself where there is no mask."""
    return h if mask is None else h * mask
