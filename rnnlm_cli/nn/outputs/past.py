"""Past decode regularization: the input token is decoded from what the output layer predicts."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.device import beside
from rnnlm_cli.nn.init import scaled_normal
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.nn.outputs.softmax import CHUNK_ELEMENTS
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import IGNORED, Array, Ids, flatten_steps


class PastDecoder:
    """A term of the training loss: the cross-entropy of each step's input (Brahma, 2019).

    ::

        e = p E                         the mean embedding of the next token
        r = softmax(tanh(e A + a) E^T + c)
        loss += strength * mean(-log r[input])

    ``p (N, V)`` is what the output layer predicts and ``E (V, E)`` the embedding. So a prediction
    is to keep what it was made from. ``A``, ``a`` and ``c`` belong to the training alone: a model
    does not have them.

    Attributes:
        params: ``A``, ``a`` and ``c`` by name.
    """

    def __init__(
        self, embedding: Param, output: PlainSoftmax, strength: float, rng: np.random.Generator
    ) -> None:
        """Draw the decoder's weights.

        Args:
            embedding: ``E``, shared with the output layer or not.
            output: The output layer.
            strength: Weight of the term.
            rng: Draws ``A``.
        """
        size, dtype = embedding.value.shape[1], embedding.value.dtype
        self._embedding, self._output, self._strength = embedding, output, strength
        drawn = scaled_normal(rng, dtype)((size, size), size)
        self._a = Param(beside(drawn, embedding.value))
        self._bias = Param(np.zeros_like(embedding.value, shape=(size,)))
        self._decoder = type(output)(Param(embedding.value))
        self.params = {
            "past.projection": self._a,
            "past.bias": self._bias,
            "past.output_bias": self._decoder.bias,
        }

    def zero_grad(self) -> None:
        """Reset the gradients of the decoder's own parameters to zero."""
        for param in self.params.values():
            param.zero_grad()

    def gradients(self, h: Array, inputs: Ids, targets: Ids, mean_over: int) -> Array:
        """Add the term's gradients to those of all parameters; return that of ``h``.

        Args:
            h: ``(T, B, H)``, the output layer's input.
            inputs: ``(T, B)``, the tokens to decode.
            targets: ``(T, B)``; a step with an ignored target has no term.
            mean_over: The number of targets in the mean.
        """
        rows, tokens = flatten_steps(h), inputs.reshape(-1).astype(np.int64)
        places = np.flatnonzero(targets.reshape(-1) != IGNORED)
        dh = np.zeros_like(rows)
        step = max(1, CHUNK_ELEMENTS // len(self._output.bias.value))
        self._decoder.weight.zero_grad()
        self._decoder.weight.value = self._embedding.value
        self._decoder.bias.zero_grad()
        for start in range(0, len(places), step):
            own = places[start : start + step]
            dh[own] = self._chunk(rows[own], tokens[own], max(mean_over, 1))
        self._decoder.bias.scale_grad(self._strength)
        if self._decoder.weight.gradient is not None:
            self._decoder.weight.scale_grad(self._strength)
            self._embedding.add(self._decoder.weight.grad)
        return dh.reshape(h.shape)

    def elements(self, rows: int) -> int:
        """Count the values that ``gradients`` holds for ``rows`` targets.

        Of a chunk four arrays ``(N, V)``; of the embedding its own gradient and the sum of it.
        """
        chunk = min(rows * len(self._output.bias.value), CHUNK_ELEMENTS)
        return 4 * chunk + 2 * self._embedding.value.size

    def _chunk(self, x: Array, tokens: Ids, mean_over: int) -> Array:
        """Return ``dx (N, H)`` of some rows ``x (N, H)`` and the tokens to decode ``(N,)``."""
        embedding, output = self._embedding, self._output
        p = output.probabilities(x)  # (N, V)
        e = product(p, embedding.value)  # (N, E)
        u = np.tanh(product(e, self._a.value) + self._bias.value)  # (N, E)
        du = self._decoder.loss_and_gradients(u, tokens, mean_over=mean_over).dh

        dz = (self._strength * du) * (1 - u * u)  # (N, E)
        self._a.add(product(e.T, dz))
        self._bias.add(dz.sum(axis=0))
        de = product(dz, self._a.value.T)  # (N, E)
        embedding.add(product(p.T, de))
        dlogits = product(de, embedding.value.T)  # (N, V), dp at first
        dlogits -= (dlogits * p).sum(axis=1, keepdims=True)
        dlogits *= p
        output.weight.add(product(dlogits.T, x))
        output.bias.add(dlogits.sum(axis=0))
        return product(dlogits, output.weight.value)
