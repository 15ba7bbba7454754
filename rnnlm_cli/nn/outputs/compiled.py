"""The output layer of the engine ``compiled``: its element-wise work in C."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import in_parallel
from rnnlm_cli.nn.engines.kernels import Kernels, kernels
from rnnlm_cli.nn.outputs.softmax import CHUNK_ELEMENTS, SoftmaxOutput
from rnnlm_cli.system.arrays import Array, Ids, flatten_steps


class CompiledSoftmaxOutput(SoftmaxOutput):
    """``SoftmaxOutput`` in C, in float32: element-wise work reads each row once.

    While the weights do not change, logits are computed from a copy in the kernels' order: for few
    rows BLAS would copy the weight at each product.
    """

    @property
    def _kernels(self) -> Kernels | None:
        """The kernels, if there are any for the weight's type."""
        return kernels() if self.weight.value.dtype == np.float32 else None

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """As in ``OutputLayer``."""
        rows, wanted = flatten_steps(h), targets.reshape(-1)
        reads_kept = self._kernels is not None and self.weight.kept is not None
        if not reads_kept or len(rows) * len(self.bias.value) > CHUNK_ELEMENTS:
            return super().target_log_probs(h, targets)
        logits, found = self._scores(rows), np.empty(len(rows), np.float64)
        parts = self._parts(len(rows))

        def work(part: int) -> None:
            own = parts[part]
            found[own], _ = self._exponentiate(logits[own], wanted[own])

        in_parallel(work, len(parts))
        return found.reshape(targets.shape)

    def _logits(self, h: Array) -> Array:
        if (compiled := self._kernels) is None or self.weight.kept is None:
            return super()._logits(h)
        packed = self.weight.laid_out("transposed", lambda w: compiled.packed(w.T))
        return compiled.product(h, packed, len(self.bias.value))

    def _normalize(self, logits: Array) -> None:
        if (compiled := self._kernels) is None:
            super()._normalize(logits)
        else:
            compiled.log_softmax(logits, self.bias.value)

    def _exponentiate(self, logits: Array, targets: Ids) -> tuple[Array, Array]:
        if (compiled := self._kernels) is None:
            return super()._exponentiate(logits, targets)
        return compiled.exponentiate(logits, self.bias.value, targets)

    def _slopes(
        self, logits: Array, targets: Ids, mean_over: int, dbias: Array
    ) -> tuple[Array, Array]:
        if (compiled := self._kernels) is None:
            return super()._slopes(logits, targets, mean_over, dbias)
        return compiled.slopes(logits, self.bias.value, targets, mean_over, dbias)
