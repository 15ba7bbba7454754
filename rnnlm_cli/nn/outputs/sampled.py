"""Sampled softmax: training on a sample of the vocabulary."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cpu.threads import product
from rnnlm_cli.nn.device import beside, on_device
from rnnlm_cli.nn.outputs.base import Loss, log_sum_exp
from rnnlm_cli.nn.outputs.softmax import SoftmaxOutput
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import IGNORED, Array, Ids, flatten_steps


class SampledSoftmaxOutput(SoftmaxOutput):
    """Softmax over the target and a sample of other tokens (Jean et al., 2015).

    Each block draws a new sample, shared by its rows. Frequent tokens are drawn more often. The log
    of the probability of being in the sample is subtracted from each score, so that the gradient
    approximates that of the full softmax. Ids must be ordered by frequency.

    Only training, with a generator, samples; log-probabilities are those of the full softmax. The
    training loss is over the sample and is not comparable with perplexities.
    """

    dense = False  # they are rows

    def __init__(self, weight: Param, samples: int) -> None:
        super().__init__(weight)
        self.samples = samples

    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """As in ``OutputLayer``, within the sample."""
        if rng is None:
            return super().loss_and_gradients(h, targets, rng, mean_over)
        rows, wanted = flatten_steps(h), targets.reshape(-1)
        places = np.flatnonzero(wanted != IGNORED)
        counted = len(places)
        dh = np.zeros_like(rows)
        if counted == 0:
            return Loss(0.0, 0, dh.reshape(h.shape))
        x, target = rows[places], wanted[places].astype(np.int64)  # (N, H), (N,)
        sample = self.draw(rng)  # (C,) ascending
        w_sample, w_target = self.weight.value[sample], self.weight.value[target]
        scores = product(x, w_sample.T)  # (N, C)
        scores += self.bias.value[sample] - self.log_expected(sample)
        hit = np.searchsorted(sample, target).clip(max=len(sample) - 1)
        hits = np.flatnonzero(sample[hit] == target)
        # count the target once: mask it in the sample, with a finite value because it may be
        # the whole sample
        scores[hits, hit[hits]] = np.finfo(scores.dtype).min / 2
        own = (x * w_target).sum(axis=1) + self.bias.value[target] - self.log_expected(target)
        total = np.logaddexp(log_sum_exp(scores), own)  # (N,)
        divisor = scores.dtype.type(max(counted if mean_over is None else mean_over, 1))
        dscores = np.exp(scores - total[:, np.newaxis]) / divisor
        down = (np.exp(own - total) - 1) / divisor  # (N,)
        dh[places] = product(dscores, w_sample) + down[:, np.newaxis] * w_target
        touched = np.concatenate([sample, target])
        if not self.weight.frozen:
            values = np.concatenate([product(dscores.T, x), down[:, np.newaxis] * x])
            self.weight.add_rows(touched, values)
        self.bias.add_rows(touched, np.concatenate([dscores.sum(axis=0), down]))
        nats = (total - own).astype(np.float64).sum()
        return Loss(nats if on_device(h) else float(nats), counted, dh.reshape(h.shape))

    def loss_elements(self, rows: int) -> int:
        """As in ``OutputLayer``, for any number of cores.

        Counts the scores ``(N, C)`` and their gradient, and per token of the ``C + N`` three
        vectors ``(H,)``: in ``w_sample`` or ``w_target``, in ``values``, and in the summed rows.
        """
        hidden: int = self.weight.value.shape[1]
        sample = min(self.samples, len(self.bias.value))
        return 2 * rows * sample + 3 * (rows + sample) * hidden

    def draw(self, rng: np.random.Generator) -> Ids:
        """Draw ``samples`` ids by Zipf's law, ``p(k) ~ log((k + 2) / (k + 1))``; drop repeats."""
        size = len(self.bias.value)
        drawn = np.exp(rng.random(self.samples) * np.log(size + 1)).astype(np.int64) - 1
        return np.unique(drawn.clip(0, size - 1))

    def log_expected(self, ids: Ids) -> Array:
        """Natural log of the probability that an id is in the sample."""
        p = np.log((ids + 2.0) / (ids + 1.0)) / np.log(len(self.bias.value) + 1.0)
        in_sample = -np.expm1(self.samples * np.log1p(-p))
        found: Array = np.log(in_sample).astype(self.bias.value.dtype)
        return beside(found, self.bias.value)
