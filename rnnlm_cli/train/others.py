"""What a training's loop needs of the other ranks: sums, all streams, one clock."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import numpy as np

from rnnlm_cli.data.shares import ShareOfBlocks
from rnnlm_cli.data.streams import TextBlocks, Whole
from rnnlm_cli.errors import TrainingError
from rnnlm_cli.nn.gradient import Dense, Rows
from rnnlm_cli.nn.layers.dropout import OfStreams
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State, joined_streams, of_streams
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.train.parallel import Group

Sent = dict[str, tuple[Ids, Array] | None]
"""The rows of each gradient that a rank has only rows of; ``None`` for a dense one."""


class Others:
    """Adds up what the ranks computed in a step; all of them then have the same gradients.

    The gradient of the mean loss over a block is the sum of the ranks' parts of it, because each
    divides by the targets of all. There are two exchanges per step: rows and losses, whose sizes
    are not known before, and one sum over a flat array of all dense gradients.

    With one process each method does nothing, and costs nothing.
    """

    def __init__(self, group: Group, params: Mapping[str, Param], how: str) -> None:
        """Prepare.

        Args:
            group: The ranks.
            params: The parameters that are trained.
            how: ``training.reduction``.
        """
        self.ranks = group.size
        self._group, self._params, self._how = group, params, how
        self._flat: Array | None = None
        self._bad: list[int] = []  # ranks whose own part of the last loss was not finite

    def add_up(self, nats: float) -> float:
        """Replace every gradient by its sum over the ranks; return the sum of ``nats``."""
        if self._group.size == 1:
            return nats
        sent: Sent = {}
        for name, param in self._params.items():
            if isinstance(param.gradient, Dense):
                sent[name] = None
            elif isinstance(param.gradient, Rows):
                sent[name] = param.gradient.rows, param.gradient.values
        found = self._group.gather((nats, sent))
        self._bad = [rank for rank, (one, _) in enumerate(found) if not math.isfinite(one)]
        dense = [n for n in self._params if any(n in s and s[n] is None for _, s in found)]
        for name, param in self._params.items():
            rows = [one for _, s in found if (one := s.get(name)) is not None]
            if name not in dense and rows:
                numbers, values = zip(*rows, strict=True)  # in the order of the ranks
                param.gradient = Rows(np.concatenate(numbers), np.concatenate(values))
        self._sum_dense([self._params[name] for name in dense])
        return sum(one for one, _ in found)

    def _sum_dense(self, params: list[Param]) -> None:
        """Add up dense gradients in one flat array, where those of later blocks will lie too."""
        size = sum(param.value.size for param in params)
        if size == 0:
            return
        if self._flat is None or len(self._flat) != size:
            self._flat = np.empty(size, params[0].value.dtype)
        start = 0
        for param in params:
            part = self._flat[start : start + param.value.size].reshape(param.value.shape)
            start += param.value.size
            if not (isinstance(param.gradient, Dense) and _same(param.gradient.values, part)):
                np.copyto(part, param.grad)
                param.gradient = Dense(part)
        self._group.sum(self._flat, self._how)

    def blame(self) -> str:
        """Name the ranks whose own part of the last step's loss was not finite, unless all are."""
        names = [self._group.names[rank] for rank in self._bad]
        return f", {', '.join(names)}" if names and len(names) < self._group.size else ""

    def all_streams(self, blocks: TextBlocks) -> int:
        """Return the number of streams of all ranks."""
        return sum(self._group.gather(_own(blocks).stop - _own(blocks).start))

    def with_all_streams(self, hidden: State, blocks: TextBlocks) -> State:
        """Return the hidden states of all streams, from those of this rank."""
        if self._group.size == 1:
            return hidden
        own = np.arange(_own(blocks).stop - _own(blocks).start)
        return joined_streams(self._group.gather(of_streams(hidden, own)))

    def own_streams(self, hidden: State, blocks: TextBlocks) -> State:
        """Return the hidden states of this rank's streams, from those of all."""
        own = _own(blocks)
        return of_streams(hidden, np.arange(own.start, max(own.stop, own.start + 1)))

    def agreed(self, seconds: float, limit: float | None) -> float:
        """Return the seconds that passed on rank 0, where all ranks end at a limit of time."""
        return seconds if limit is None else self._group.gather(seconds)[0]

    def check_weights(self) -> None:
        """Check that all ranks still have the same weights.

        Raises:
            TrainingError: One has not, by a fault of a machine or because kernels round otherwise.
        """
        if self._group.size == 1:
            return
        found = self._group.gather(self.digest())
        for rank, digest in enumerate(found):
            if digest != found[0]:
                error = TrainingError(
                    f"its weights are no longer those of {self._group.names[0]}",
                    place=self._group.names[rank],
                    remedy="use machines of one kind, or set RNNLM_ENGINE=plain; training goes on "
                    "from the last saved state with {resume=True}",
                )
                raise self._group.of_all(error)

    def digest(self) -> str:
        """Return the SHA-256 of all weights."""
        digest = hashlib.sha256()
        for param in self._params.values():
            digest.update(np.ascontiguousarray(param.value).data)
        return digest.hexdigest()


def by_stream(rng: np.random.Generator, whole: Whole | None) -> np.random.Generator:
    """Return a generator whose draws for a stream do not depend on the rank that has it."""
    return rng if whole is None else OfStreams(rng.bit_generator, whole.first, whole.streams)


def _own(blocks: TextBlocks) -> slice:
    return blocks.own if isinstance(blocks, ShareOfBlocks) else slice(0, blocks.streams)


def _same(values: Array, part: Array) -> bool:
    there = values.__array_interface__["data"], part.__array_interface__["data"]
    return bool(there[0] == there[1])
