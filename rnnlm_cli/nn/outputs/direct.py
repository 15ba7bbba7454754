"""Direct connections from the last tokens to the output: hashed n-gram features."""

from __future__ import annotations

from copy import copy

import numpy as np
import numpy.typing as npt

from rnnlm_cli.nn.cpu.allocation import kept_array
from rnnlm_cli.nn.init import placeholder
from rnnlm_cli.nn.param import Param
from rnnlm_cli.system.arrays import Array, Ids, flatten_steps

PIECE_ELEMENTS = 250_000
"""Number of logits that are added at a time; about the size of a core's cache."""

FEW = 16
"""How many times larger a table is, at least, than the part of it whose gradient is kept as rows: a
weight takes about nine times as long there as in a dense gradient."""

MULTIPLIER, MIXED = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
"""Odd numbers with bits all over (Steele et al., 2014)."""


class DirectConnections:
    """A maximum entropy model of n-grams inside the softmax (Mikolov et al., 2011).

    ::

        logit(w) += sum over k = 1 ... n-1 of table[start_k + w]
        start_k   = hash of the last k tokens, from 0 to size - 1

    So each history has a run of ``V`` weights, one per token, somewhere in the table. Runs of
    different histories overlap, because there are many more histories than room: the weights that
    matter are few, and training finds a compromise where they collide. A block reads, and changes,
    the runs of its own histories only. The bias of the softmax is the case ``k = 0``.

    The last tokens are behind the hidden state in ``h``, the latest first, each as its id plus
    one; 0 is what was before the text. Such numbers are exact in float32.

    Attributes:
        order: ``n``, the length of the longest n-grams, at least 2.
        size: The number of places where a run may begin.
        types: ``V``.
        table: ``(size + V - 1,)``, zero at first.
    """

    def __init__(
        self, order: int, size: int, types: int, dtype: npt.DTypeLike, empty: bool = False
    ) -> None:
        """Make a table.

        Args:
            order: ``n``.
            size: The number of places where a run may begin.
            types: ``V``.
            dtype: Of the table.
            empty: Take no memory; the table is loaded later.
        """
        self.order, self.size, self.types = order, size, types
        length = (size + types - 1,)
        self.table = Param(placeholder(dtype)(length, 1) if empty else np.zeros(length, dtype))
        self._number = 0

    def sharing(self, types: int, number: int) -> DirectConnections:
        """Return those of another softmax, of fewer tokens, with runs in the same table.

        Args:
            types: The number of its tokens, at most ``V``.
            number: Its own number, so that a history has another run for it.
        """
        other = copy(self)
        other.types, other._number = types, number
        return other

    def parts(self, h: Array) -> tuple[Array, Ids]:
        """Divide ``(..., H + n-1)`` into ``h (..., H)`` and where the runs begin, ``(N, n-1)``.

        ``start_k`` mixes ``k`` and the ids of the last ``k`` tokens, in wrapping 64-bit arithmetic:
        the same on every machine.
        """
        hidden = h.shape[-1] - (self.order - 1)
        codes = np.rint(flatten_steps(h[..., hidden:])).astype(np.uint64)
        starts = np.empty(codes.shape, np.int64)
        mixed = np.full(len(codes), self._number, np.uint64)
        for k in range(self.order - 1):
            mixed = (mixed ^ codes[:, k]) * MULTIPLIER + np.uint64(k + 1)
            mixed ^= mixed >> np.uint64(31)
            mixed *= MIXED
            mixed ^= mixed >> np.uint64(29)
            starts[:, k] = mixed % np.uint64(self.size)
        return np.ascontiguousarray(h[..., :hidden]), starts

    def add_to(self, logits: Array, starts: Ids) -> None:
        """Add the weights of the runs ``(N, n-1)`` to the logits ``(N, V)`` in place."""
        runs = np.lib.stride_tricks.sliding_window_view(self.table.value, self.types)
        piece = max(1, PIECE_ELEMENTS // self.types)
        for begin in range(0, len(logits), piece):
            rows = slice(begin, begin + piece)
            for own in starts[rows].T:
                logits[rows] += runs[own]

    def is_dense(self, rows: int) -> bool:
        """Whether the gradient of ``rows`` rows may be dense."""
        return FEW * rows * (self.order - 1) * self.types >= len(self.table.value)

    def elements(self, rows: int) -> int:
        """Count the sums of the gradient of ``rows`` rows, at most."""
        if self.table.frozen:
            return 0
        whole = len(self.table.value)
        return whole if self.is_dense(rows) else rows * (self.order - 1) * self.types

    def runs(self, starts: Ids) -> Runs | None:
        """Return what collects the gradient of a block whose runs begin here, ``(N, n-1)``.

        ``None`` if the table is frozen.
        """
        return None if self.table.frozen else Runs(self, starts)


class Runs:
    """The runs of weights that a block reads, and the sums of their gradients.

    Where they cover a small part of the table, only their weights have sums: one run after the
    other, and what several have in common once. Sums are made in the order of the rows, so they are
    the same each time.
    """

    def __init__(self, direct: DirectConnections, starts: Ids) -> None:
        self._table, self._width = direct.table, direct.types
        self._places, self._weights = starts, None
        self._length = len(direct.table.value)
        distinct, which = np.unique(starts, return_inverse=True)
        own = np.diff(distinct, append=self._length).clip(max=self._width)  # up to the next run
        places = np.cumsum(own) - own
        if FEW * (length := int(own.sum())) < self._length:
            self._length, self._places = length, places[which].reshape(starts.shape)
            self._weights = np.arange(length) + np.repeat(distinct - places, own)

    def zeros(self, part: int = 0) -> Array:
        """Return sums to begin with; the next block of this thread has them in the same memory."""
        sums = kept_array(f"direct {part}", (self._length,), self._table.value.dtype)
        sums.fill(0)
        return sums

    def collect(self, sums: Array, rows: slice, dlogits: Array) -> None:
        """Add the gradient of the logits ``(n, V)`` of some rows to the sums of their runs."""
        for row, places in zip(dlogits, self._places[rows].tolist(), strict=True):
            for place in places:
                sums[place : place + self._width] += row

    def finish(self, parts: list[Array]) -> None:
        """Add sums to the table's gradient."""
        first, *others = parts
        for part in others:
            first += part
        if self._weights is None:
            self._table.add(first)
        else:
            self._table.add_rows(self._weights, first)


def last_tokens(ids: Ids, before: Array) -> tuple[Array, Array]:
    """Return the last tokens at each step, as ``DirectConnections`` reads them, and the state.

    Args:
        ids: ``(T, B)``.
        before: ``(B, n-1)``, the last tokens before them, the latest first; zeros at first.

    Returns:
        ``(T, B, n-1)``, and those after the last step, ``(B, n-1)``.

    >>> found, _ = last_tokens(np.array([[4], [5], [6]]), np.array([[3.0, 0.0]]))
    >>> found[:, 0].tolist()
    [[5.0, 3.0], [6.0, 5.0], [7.0, 6.0]]
    """
    steps, count = len(ids), before.shape[1]
    codes = np.concatenate([before.T[::-1], (ids + 1).astype(before.dtype)])  # (n-1 + T, B)
    found = np.stack([codes[count - k : count - k + steps] for k in range(count)], axis=-1)
    return found, found[-1].copy()
