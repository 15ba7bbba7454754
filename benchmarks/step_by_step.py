"""An LSTM language model as a course first writes it: the yardstick for what a fast one gains.

One layer object a time step, each with gradients of its own; a dense gradient for the embedding;
projection, softmax and cross-entropy one after another over whole ``(T*B, V)`` arrays. The
equations are those of the package, the order of the work is that of a blackboard.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = Any


def sigmoid(x: Array) -> Array:
    """Logistic function."""
    return 1 / (1 + np.exp(-x))


class Step:
    """One time step of an LSTM."""

    def __init__(self, w_x: Array, w_h: Array, b: Array) -> None:
        self.params = (w_x, w_h, b)
        self.grads = tuple(np.zeros_like(p) for p in self.params)
        self.cache: Any = None

    def forward(self, x: Array, h: Array, c: Array) -> tuple[Array, Array]:
        """``(B, D)`` and the state to the next state."""
        w_x, w_h, b = self.params
        size = h.shape[1]
        a = np.dot(x, w_x) + np.dot(h, w_h) + b
        i, f = sigmoid(a[:, :size]), sigmoid(a[:, size : 2 * size])
        g, o = np.tanh(a[:, 2 * size : 3 * size]), sigmoid(a[:, 3 * size :])
        c_next = f * c + i * g
        self.cache = (x, h, c, i, f, g, o, c_next)
        return o * np.tanh(c_next), c_next

    def backward(self, dh: Array, dc: Array) -> tuple[Array, Array, Array]:
        """Gradients of the next state to those of the input and the state."""
        w_x, w_h, _ = self.params
        x, h, c, i, f, g, o, c_next = self.cache
        tanh_c = np.tanh(c_next)
        dc = dc + dh * o * (1 - tanh_c**2)
        da = np.hstack(
            (
                dc * g * i * (1 - i),
                dc * c * f * (1 - f),
                dc * i * (1 - g**2),
                dh * tanh_c * o * (1 - o),
            )
        )
        for grad, value in zip(
            self.grads, (np.dot(x.T, da), np.dot(h.T, da), da.sum(axis=0)), strict=True
        ):
            grad[...] = value
        return np.dot(da, w_x.T), np.dot(da, w_h.T), dc * f


class StepByStepModel:
    """Embedding, one LSTM layer, projection, softmax."""

    def __init__(self, vocabulary: int, size: int, streams: int) -> None:
        rng = np.random.default_rng(0)

        def normal(*shape: int, scale: float) -> Array:
            return (rng.standard_normal(shape) * scale).astype(np.float32)

        scale = 1 / np.sqrt(size)
        self.params = [
            normal(vocabulary, size, scale=0.01),
            normal(size, 4 * size, scale=scale),
            normal(size, 4 * size, scale=scale),
            np.zeros(4 * size, np.float32),
            normal(size, vocabulary, scale=scale),
            np.zeros(vocabulary, np.float32),
        ]
        self.h = np.zeros((streams, size), np.float32)
        self.c = np.zeros((streams, size), np.float32)

    def train_step(self, ids: Array, targets: Array, rate: float, max_norm: float) -> float:
        """Learn from a block ``(T, B)``; return the mean loss in nats."""
        embedding, w_x, w_h, b, w_out, b_out = self.params
        steps, rows = [], []
        for x in ids:
            step = Step(w_x, w_h, b)
            self.h, self.c = step.forward(embedding[x], self.h, self.c)
            steps.append(step)
            rows.append(self.h)
        h = np.stack(rows).reshape(-1, self.h.shape[1])  # (T*B, H)
        wanted, every = targets.reshape(-1), np.arange(targets.size)

        logits = np.dot(h, w_out) + b_out
        logits = logits - logits.max(axis=1, keepdims=True)
        p = np.exp(logits)
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[every, wanted]).mean()

        dlogits = p
        dlogits[every, wanted] -= 1
        dlogits /= len(wanted)
        dw_out, db_out = np.dot(h.T, dlogits), dlogits.sum(axis=0)
        dh_rows = np.dot(dlogits, w_out.T).reshape(len(ids), *self.h.shape)

        dh, dc = np.zeros_like(self.h), np.zeros_like(self.c)
        dembedding = np.zeros_like(embedding)
        totals = [np.zeros_like(p) for p in (w_x, w_h, b)]
        for x, step, dy in zip(reversed(ids), reversed(steps), reversed(dh_rows), strict=True):
            dx, dh, dc = step.backward(dy + dh, dc)
            one = np.zeros_like(embedding)
            np.add.at(one, x, dx)
            dembedding += one
            for total, grad in zip(totals, step.grads, strict=True):
                total += grad

        grads = [dembedding, *totals, dw_out, db_out]
        norm = np.sqrt(sum((g**2).sum() for g in grads))
        factor = min(1.0, max_norm / (norm + 1e-6))
        for param, grad in zip(self.params, grads, strict=True):
            grad *= factor
            param -= rate * grad
        return float(loss)
