"""The fast output layer: vocabulary projection, softmax and cross-entropy in one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnlm_cli.nn.cpu.allocation import kept_array
from rnnlm_cli.nn.cpu.threads import core_count, in_parallel, product, split_rows
from rnnlm_cli.nn.outputs.base import Loss, log_sum_exp
from rnnlm_cli.nn.outputs.plain import PlainSoftmax
from rnnlm_cli.system.arrays import IGNORED, Array, Ids, flatten_steps

CHUNK_ELEMENTS = 4_000_000
"""Maximum number of logits per chunk (16 MB as float32); more rows make more chunks."""

THREAD_ELEMENTS = 200_000
"""Minimum number of logits per thread."""

PIECE_ELEMENTS = 250_000
"""Number of logits per piece of element-wise work; about the size of a core's cache."""


class SoftmaxOutput(PlainSoftmax):
    """``PlainSoftmax`` in chunks, on all cores.

    The rows are divided among the cores, and each core processes its rows in chunks. Probabilities
    are computed once, in place, so no array ``(T*B, V)`` is needed.
    """

    def loss_and_gradients(
        self,
        h: Array,
        targets: Ids,
        rng: np.random.Generator | None = None,
        mean_over: int | None = None,
    ) -> Loss:
        """As in ``OutputLayer``; with ``rng`` labels are smoothed."""
        (h_rows, starts), wanted = self._read(flatten_steps(h)), targets.reshape(-1)
        counted = int(np.count_nonzero(wanted != IGNORED))
        divisor = max(counted if mean_over is None else mean_over, 1)
        dh = np.empty_like(h_rows)
        parts = self._parts(len(h_rows))
        weight = self.weight.value
        dweights = [
            None
            if self.weight.frozen
            else kept_array(f"dweight {number}", weight.shape, weight.dtype)
            for number in range(len(parts))
        ]
        buffers = self._buffers(parts)
        smoothing = 0.0 if rng is None else self.smoothing
        runs = None if self.direct is None else self.direct.runs(starts)
        sums = [runs.zeros(part) for part in range(len(parts))] if runs else []

        def work(part: int) -> tuple[float, Array]:
            nats, dweight = 0.0, dweights[part]
            dbias = np.zeros_like(self.bias.value)
            for rows, logits in self._chunks(h_rows, starts, parts[part], buffers[part]):
                # Now logits = (softmax - onehot) * total. Dividing by total is done on the smaller
                # operand of each product below, (N, H) instead of (N, V).
                log_probs, scale = self._slopes(logits, wanted[rows], divisor, dbias)
                nats -= float(log_probs.sum())
                np.matmul(logits, weight, out=dh[rows])
                dh[rows] *= scale[:, np.newaxis]
                if dweight is not None:
                    scaled = h_rows[rows] * scale[:, np.newaxis]
                    if rows.start == parts[part].start:
                        np.matmul(logits.T, scaled, out=dweight)
                    else:
                        dweight += logits.T @ scaled
                if runs is not None:
                    logits *= scale[:, np.newaxis]
                    smooth(logits, wanted[rows], smoothing / divisor)
                    runs.collect(sums[part], rows, logits)
            return nats, dbias

        nats = 0.0
        for dweight, (part_nats, dbias) in zip(
            dweights, in_parallel(work, len(parts)), strict=True
        ):
            nats += part_nats
            if dweight is not None:
                self.weight.add(dweight)
            self.bias.add(dbias)
        if runs is not None:
            runs.finish(sums)
        if smoothing > 0:
            self._smooth(h_rows, wanted, smoothing / divisor, dh)
        return Loss(nats, counted, widened(dh, h.shape[-1]).reshape(h.shape))

    def _smooth(self, h: Array, targets: Ids, factor: float, dh: Array) -> None:
        """Add what label smoothing changes in the gradients.

        The gradient of the logits changes from ``p - onehot`` to ``p - q``, by
        ``s (onehot - 1/V)``, which does not depend on ``p``. So the change of each gradient is a
        sum over the targets and a mean over all tokens, and no product ``(N, V)`` is needed.

        Args:
            h: ``(N, H)``.
            targets: ``(N,)``, ``-1`` where ignored.
            factor: ``s`` divided by the number of targets in the mean.
            dh: ``(N, H)``, changed in place.
        """
        rows = np.flatnonzero(targets != IGNORED)
        target, weight, size = targets[rows], self.weight.value, len(self.bias.value)
        mean = np.full(size, 1 / size, weight.dtype) @ weight  # (H,)
        dh[rows] += factor * (weight[target] - mean)
        scaled = factor * h[rows]
        self.weight.add(np.broadcast_to(-scaled.sum(axis=0) / size, weight.shape))
        self.weight.add_rows(target, scaled)
        found = np.bincount(target, minlength=size) - len(rows) / size  # (V,)
        self.bias.add((factor * found).astype(weight.dtype))

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """As in ``OutputLayer``."""
        (h_rows, starts), wanted = self._read(flatten_steps(h)), targets.reshape(-1)
        found = np.empty(len(wanted), np.float64)
        parts = self._parts(len(h_rows))
        buffers = self._buffers(parts)

        def work(part: int) -> None:
            for rows, logits in self._chunks(h_rows, starts, parts[part], buffers[part]):
                found[rows], _ = self._exponentiate(logits, wanted[rows])

        in_parallel(work, len(parts))
        return found.reshape(targets.shape)

    def log_probs(self, h: Array) -> Array:
        """As in ``OutputLayer``."""
        logits = self._scores(flatten_steps(h))
        parts = self._parts(len(logits))
        in_parallel(lambda part: self._normalize(logits[parts[part]]), len(parts))
        return logits.reshape(*h.shape[:-1], -1)

    def _scores(self, rows: Array) -> Array:
        """Return ``h W^T`` with what direct connections add, ``(N, V)``."""
        h, starts = self._read(rows)
        logits = self._logits(h)
        if self.direct is not None:
            self.direct.add_to(logits, starts)
        return logits

    def _logits(self, h: Array) -> Array:
        """Return ``h W^T``, on all cores."""
        return product(h, self.weight.value.T)

    def _normalize(self, logits: Array) -> None:
        """Turn ``h W^T`` in place into log-probabilities."""
        logits += self.bias.value
        logits -= log_sum_exp(logits)[:, np.newaxis]

    def loss_elements(self, rows: int) -> int:
        """As in ``OutputLayer``.

        Each core holds one chunk of logits and a gradient ``(V, H)`` of the weight, and a second
        such gradient if it sums several chunks; and sums for direct connections. What is frozen has
        no gradient.
        """
        elements, size = 0, len(self.bias.value)
        dweight = 0 if self.weight.frozen else self.weight.value.size
        for part in self._parts(rows):
            own = part.stop - part.start
            chunk = chunk_rows(part, size)
            elements += chunk * size + (1 + (chunk < own)) * dweight
            if self.direct is not None:
                elements += self.direct.elements(rows)
        return elements

    def _exponentiate(self, logits: Array, targets: Ids) -> tuple[Array, Array]:
        """As ``exponentiate``, with the bias."""
        return exponentiate(logits, self.bias.value, targets)

    def _slopes(
        self, logits: Array, targets: Ids, mean_over: int, dbias: Array
    ) -> tuple[Array, Array]:
        """Turn ``h W^T`` in place into the gradient of the logits, but for a factor per row.

        Args:
            logits: ``(N, V)``, becomes ``(softmax - onehot) * total``.
            targets: ``(N,)``, ``-1`` where ignored.
            mean_over: The number of targets in the mean.
            dbias: ``(V,)``, the gradient of the bias is added to it.

        Returns:
            The log-probability of each target, ``(N,)`` float64, 0 if ignored; and the factors,
            ``(N,)``, 0 if ignored.
        """
        log_probs, total = self._exponentiate(logits, targets)
        logits[np.arange(len(logits)), targets] -= total
        scale = ((targets != IGNORED) / (total * mean_over)).astype(logits.dtype)
        dbias += scale @ logits
        return log_probs, scale

    def _parts(self, rows: int) -> list[slice]:
        """Divide the rows among the cores, with at least ``THREAD_ELEMENTS`` logits per core."""
        worth = rows * len(self.bias.value) // THREAD_ELEMENTS
        return split_rows(rows, min(core_count(), worth))

    def _buffers(self, parts: list[slice]) -> list[Array]:
        """Return one array ``(chunk, V)`` of logits per part."""
        size, dtype = len(self.bias.value), self.weight.value.dtype
        return [
            kept_array(f"logits {number}", (chunk_rows(part, size), size), dtype)
            for number, part in enumerate(parts)
        ]

    def _chunks(
        self, h: Array, starts: Ids, part: slice, buffer: Array
    ) -> Iterator[tuple[slice, Array]]:
        """Yield ``_scores`` of one part's rows of ``h (N, H)``, chunk by chunk, in one buffer."""
        for start in range(part.start, part.stop, len(buffer)):
            rows = slice(start, min(start + len(buffer), part.stop))
            logits = buffer[: rows.stop - rows.start]
            np.matmul(h[rows], self.weight.value.T, out=logits)
            if self.direct is not None:
                self.direct.add_to(logits, starts[rows])
            yield rows, logits


def chunk_rows(part: slice, vocabulary_size: int) -> int:
    """Return the number of rows per chunk of one core's part."""
    rows: int = part.stop - part.start
    return min(rows, max(1, CHUNK_ELEMENTS // vocabulary_size))


def smooth(dlogits: Array, targets: Ids, factor: float) -> None:
    """Add what label smoothing changes in the gradient of the logits, in place.

    Args:
        dlogits: ``(N, V)``.
        targets: ``(N,)``, ``-1`` where ignored.
        factor: As in ``_smooth``.
    """
    if factor > 0:
        rows = np.flatnonzero(targets != IGNORED)
        dlogits[rows] -= factor / dlogits.shape[1]
        dlogits[rows, targets[rows]] += factor


def widened(dh: Array, columns: int) -> Array:
    """Return ``dh (N, H)`` with zeros for the tokens behind ``h``, ``(N, columns)``."""
    return dh if dh.shape[1] == columns else np.pad(dh, ((0, 0), (0, columns - dh.shape[1])))


def exponentiate(logits: Array, bias: Array, targets: Ids) -> tuple[Array, Array]:
    """Turn ``h W^T`` in place into ``exp(h W^T + b - peak)``, the softmax before its division.

    Args:
        logits: ``(N, V)``.
        bias: ``(V,)``.
        targets: ``(N,)``, ``-1`` where ignored.

    Returns:
        The log-probability of each target, ``(N,)`` float64, 0 if ignored; and the divisors, the
        sum of each row, ``(N,)``.
    """
    wanted = np.empty(len(logits), np.float64)
    total = np.empty(len(logits), logits.dtype)
    piece = max(1, PIECE_ELEMENTS // len(bias))
    for start in range(0, len(logits), piece):
        rows = slice(start, start + piece)
        part = logits[rows]
        part += bias
        part -= part.max(axis=1, keepdims=True)
        wanted[rows] = part[np.arange(len(part)), targets[rows]]
        np.exp(part, out=part)
        np.sum(part, axis=1, out=total[rows])
    log_probs: Array = (wanted - np.log(total.astype(np.float64))) * (targets != IGNORED)
    return log_probs, total
