"""What a training's loop needs of the other ranks: sums, all streams, one clock."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from rnnlm_cli.data.shares import ShareOfBlocks
from rnnlm_cli.data.streams import Block, TextBlocks, Whole
from rnnlm_cli.errors import TrainingError
from rnnlm_cli.nn.device import beside, numbers, on_device, to_host
from rnnlm_cli.nn.gradient import Dense, Rows
from rnnlm_cli.nn.layers.dropout import OfStreams
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State, joined_streams, of_streams
from rnnlm_cli.system.arrays import IGNORED, Array, Ids
from rnnlm_cli.train.group import FASTEST, Group

Sent = dict[str, tuple[Ids, Array] | None]
"""The rows of each gradient that a rank has only rows of; ``None`` for a dense one."""


class Others:
    """Adds up what the ranks computed in a step; all of them then have the same gradients.

    The gradient of the mean loss over a block is the sum of the ranks' parts of it, because each
    divides by the targets of all. There are two exchanges per step: rows and losses, whose sizes
    are not known before, and one sum over a flat array of all dense gradients. With ``fastest``
    those of the output layer are added up by themselves, while the layers before it go backward.

    With one process each method does nothing, and costs nothing.
    """

    def __init__(self, group: Group, params: Mapping[str, Param], how: str, every: int = 1) -> None:
        """Prepare.

        Args:
            group: The ranks.
            params: The parameters that are trained.
            how: ``training.reduction``.
            every: ``training.average_every``; above 1 gradients stay each rank's own.
        """
        self.every = every if group.size > 1 else 1
        self._counted = 0  # this rank's targets since the last average
        self.ranks = group.size
        self._group, self._params, self._how = group, params, how
        self._flat: Array | None = None
        self._early: dict[str, Param] = {}  # whose sum has begun
        self._early_flat: Array | None = None
        self._wait: Callable[[], None] | None = None
        self._bad: list[int] = []  # ranks whose own part of the last loss was not finite

    def begin(self, early: Mapping[str, Param]) -> None:
        """Begin to add up gradients that are complete, while others are computed.

        Args:
            early: The same parameters on each rank, whose gradients are dense, or zero.
        """
        if self._group.size == 1 or self.every > 1 or self._how != FASTEST or not early:
            return
        self._early = dict(early)
        self._early_flat = _flattened([*early.values()], self._early_flat)
        self._wait = self._group.begin_sum(self._early_flat)

    def add_up(self, nats: float) -> float:
        """Replace every gradient by its sum over the ranks; return the sum of ``nats``."""
        if self._group.size == 1:
            return nats
        (nats,) = numbers(nats)
        if self.every > 1:
            found_nats = self._group.gather(nats)
            self._bad = [rank for rank, one in enumerate(found_nats) if not math.isfinite(one)]
            return sum(found_nats)
        sent: Sent = {}
        for name, param in self._params.items():
            if name in self._early:
                continue
            if isinstance(param.gradient, Dense):
                sent[name] = None
            elif isinstance(param.gradient, Rows):
                sent[name] = param.gradient.rows, to_host(param.gradient.values)
        found = self._group.gather((nats, sent))
        self._bad = [rank for rank, (one, _) in enumerate(found) if not math.isfinite(one)]
        dense = [n for n in self._params if any(n in s and s[n] is None for _, s in found)]
        for name, param in self._params.items():
            rows = [one for _, s in found if (one := s.get(name)) is not None]
            if name not in dense and rows:
                places, values = zip(*rows, strict=True)  # in the order of the ranks
                own = beside(np.concatenate(values), param.value)
                param.gradient = Rows(np.concatenate(places), own)
        if dense:
            together = [self._params[name] for name in dense]
            self._flat = _flattened(together, self._flat)
            self._group.sum(self._flat, self._how)
            _returned(together)
        if self._wait is not None:
            self._wait()
            _returned(self._early.values())
            self._wait, self._early = None, {}
        return sum(one for one, _ in found)

    def mean_over(self, block: Block) -> tuple[int, ...]:
        """Return over how many targets the loss of a block is a mean, if not over its own.

        That is those of all ranks, or this rank's if it takes steps by itself.
        """
        if block.whole is None:
            return ()
        if self.every == 1:
            return (block.whole.counted,)
        own = int(np.count_nonzero(block.targets != IGNORED))
        self._counted += own
        return (max(own, 1),)

    def restart(self) -> None:
        """Begin from weights that all ranks have."""
        self._counted = 0

    def norm(self, own: float) -> float:
        """Return the norm of the gradient; the mean of the ranks' if each has its own."""
        return own if self.every == 1 else sum(self._group.gather(own)) / self._group.size

    def average(self, memory: Mapping[str, Any]) -> None:
        """Replace weights, and the arrays of the optimizer, by their means over the ranks.

        A rank counts as much as it had targets since the last average, so that with plain SGD and
        one step this is the step of one process.

        Args:
            memory: The optimizer's state, whose arrays are averaged in place.
        """
        total = sum(self._group.gather(self._counted))
        share = self._counted / total if total else 1 / self._group.size
        self._counted = 0
        arrays = [param.value for param in self._params.values()] + arrays_in(memory)
        flat = np.concatenate([to_host(array).ravel() for array in arrays])
        flat = flat * arrays[0].dtype.type(share)
        self._group.sum(flat, self._how)
        start = 0
        for array in arrays:
            array[...] = beside(flat[start : start + array.size].reshape(array.shape), array)
            start += array.size

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
        return joined_streams(self._group.gather(to_host(of_streams(hidden, own))))

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
            digest.update(np.ascontiguousarray(param.weights).data)
        return digest.hexdigest()


def _flattened(params: list[Param], flat: Array | None) -> Array:
    """Put gradients in one flat array, where those of later blocks will lie too; return it."""
    size = sum(param.value.size for param in params)
    if flat is None or len(flat) != size:
        flat = np.empty(size, params[0].value.dtype)
    start = 0
    for param in params:
        part = flat[start : start + param.value.size].reshape(param.value.shape)
        start += param.value.size
        if not (isinstance(param.gradient, Dense) and _same(param.gradient.values, part)):
            np.copyto(part, to_host(param.grad))
            param.gradient = Dense(part)
    return flat


def _returned(params: Iterable[Param]) -> None:
    """Give gradients that were added up to the device, where their parameters are on one."""
    for param in params:
        if on_device(param.value) and param.gradient is not None:
            param.gradient = Dense(beside(param.gradient.values, param.value))


def by_stream(rng: np.random.Generator, whole: Whole | None) -> np.random.Generator:
    """Return a generator whose draws for a stream do not depend on the rank that has it."""
    return rng if whole is None else OfStreams(rng.bit_generator, whole.first, whole.streams)


def arrays_in(memory: Mapping[str, Any]) -> list[Array]:
    """Return the arrays of an optimizer's state, those of nested states too."""
    found: list[Array] = []
    for value in memory.values():
        if isinstance(value, Mapping):
            found += arrays_in(value)
        elif isinstance(value, np.ndarray) or on_device(value):
            found.append(value)
    return found


def _own(blocks: TextBlocks) -> slice:
    return blocks.own if isinstance(blocks, ShareOfBlocks) else slice(0, blocks.streams)


def _same(values: Array, part: Array) -> bool:
    if on_device(values):
        return False
    there = values.__array_interface__["data"], part.__array_interface__["data"]
    return bool(there[0] == there[1])
