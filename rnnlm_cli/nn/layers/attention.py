"""Attention: each step looks at all states of another sequence."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class DotAttention(Layer):
    """Dot-product attention (Luong et al., 2015, section 3.1).

    ::

        a_t = softmax(h_t M^T + bias)     (S,), over the S states of a memory M
        c_t = a_t M                       (H,), the context
        y_t = [h_t, c_t]                  (2H,)

    What it looks at is its state, the same before and after a block: ``M (B, S, H)``, and
    ``bias (B, S)``, 0 where a state may be looked at and ``-inf`` at padding. So the gradient of
    the memory comes as that of the state, and streams are chosen and joined like any others.
    """

    @property
    def remembers(self) -> bool:
        """Always true."""
        return True

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> AttentionPass:
        """Begin a block."""
        return AttentionPass(steps)


class AttentionPass(Pass):
    """One block.

    Attributes:
        weights: ``a`` of each part, ``(B, T, S)``.
    """

    def __init__(self, steps: int) -> None:
        super().__init__(steps)
        self.weights: list[Array] = []
        self._read_from: list[tuple[Array, Array]] = []  # h (B, T, H) and M, per part

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        memory, bias = state
        h = x.swapaxes(0, 1)  # (B, T, H)
        scores = h @ memory.swapaxes(1, 2) + bias[:, np.newaxis]  # (B, T, S)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        context = weights @ memory  # (B, T, H)
        self.weights.append(weights)
        self._read_from.append((h, memory))
        return np.concatenate([x, context.swapaxes(0, 1)], axis=-1), state

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        """Use that the gradient of the scores is ``a (da - sum(a da))``, as of every softmax."""
        part = len(self._parts) - 1
        weights, (h, memory) = self.weights[part], self._read_from[part]
        direct, dcontext = np.split(dy.swapaxes(0, 1), 2, axis=-1)  # (B, T, H) each
        dweights = dcontext @ memory.swapaxes(1, 2)  # (B, T, S)
        dscores = weights * (dweights - (weights * dweights).sum(axis=-1, keepdims=True))
        dmemory = weights.swapaxes(1, 2) @ dcontext + dscores.swapaxes(1, 2) @ h
        dx = (direct + dscores @ memory).swapaxes(0, 1)
        return dx, (dstate[0] + dmemory, dstate[1] + dscores.sum(axis=1))
