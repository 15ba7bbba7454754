"""The output layer on a CUDA device."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.cuda.launch import each_row
from rnnlm_cli.nn.cuda.sums import sum_columns
from rnnlm_cli.nn.device import beside, to_host
from rnnlm_cli.nn.outputs.base import Loss
from rnnlm_cli.nn.outputs.sampled import SampledSoftmaxOutput
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.system.arrays import IGNORED, Array, Ids, flatten_steps

CHUNK_ELEMENTS = 64_000_000
"""Maximum number of logits per chunk (256 MB as float32)."""


class CudaSoftmaxOutput(SoftmaxOutput):
    """``PlainSoftmax`` on the device: products by cuBLAS, one kernel for the rest of each row."""

    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """As in ``OutputLayer``; with ``rng`` labels are smoothed. Nothing is waited for."""
        weight, rows = self.weight.value, flatten_steps(h)
        wanted = targets.reshape(-1).astype(np.int64)
        counted = int(np.count_nonzero(wanted != IGNORED))
        divisor = float(max(counted if mean_over is None else mean_over, 1))
        smoothing = 0.0 if rng is None else float(self.smoothing)
        places, dh = beside(wanted, rows), np.empty_like(rows, order="C")
        log_probs = np.empty_like(rows, np.float64, "C", shape=(len(rows),))
        for part in self._rows(len(rows)):
            x = rows[part]
            logits = product(x, weight.T)
            own = self.bias.value, places[part], log_probs[part], smoothing, divisor
            each_row("softmax_gradient", len(x), x, logits, *own, *logits.shape)
            product(logits, weight, out=dh[part])
            self.weight.add_product(logits, x)
            self.bias.add(sum_columns(logits))
        return Loss(-log_probs.sum(), counted, dh.reshape(h.shape))

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """As in ``OutputLayer``."""
        weight, rows = self.weight.value, flatten_steps(h)
        places = beside(targets.reshape(-1).astype(np.int64), rows)
        log_probs = np.empty_like(rows, np.float64, "C", shape=(len(rows),))
        for part in self._rows(len(rows)):
            logits = product(rows[part], weight.T)
            own = self.bias.value, places[part], log_probs[part]
            each_row("softmax_targets", len(logits), logits, logits, *own, *logits.shape)
        return to_host(log_probs).reshape(targets.shape)

    def log_probs(self, h: Array) -> Array:
        """As in ``OutputLayer``."""
        return to_host(self._log_probs_there(h))

    def probabilities(self, h: Array) -> Array:
        """As in ``PlainSoftmax``."""
        return np.exp(self._log_probs_there(h))

    def loss_elements(self, rows: int) -> int:
        """As in ``OutputLayer``: a chunk of logits, and the weight's gradient."""
        return min(rows * len(self.bias.value), CHUNK_ELEMENTS) + self.weight.value.size

    def _log_probs_there(self, h: Array) -> Array:
        logits = product(flatten_steps(h), self.weight.value.T)
        each_row("log_softmax", len(logits), logits, logits, self.bias.value, *logits.shape)
        return logits.reshape(*h.shape[:-1], -1)

    def _rows(self, count: int) -> Iterator[slice]:
        """Divide the rows into chunks."""
        step = max(1, CHUNK_ELEMENTS // len(self.bias.value))
        for start in range(0, count, step):
            yield slice(start, min(start + step, count))


class CudaSampledOutput(SampledSoftmaxOutput, CudaSoftmaxOutput):
    """``SampledSoftmaxOutput`` on the device; all that is not sampled is ``CudaSoftmaxOutput``."""
