"""Dropout between layers: some values are set to zero, the others scaled up."""

from __future__ import annotations

import numpy as np

from rnnlm_cli.nn.cuda.masks import Streams, draw_mask
from rnnlm_cli.nn.device import on_device
from rnnlm_cli.nn.engines.base import Pass
from rnnlm_cli.nn.layers.base import Layer
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array


class OfStreams(np.random.Generator):
    """Draws for some streams of a block what a plain generator would draw for them among all.

    So a stream has the same masks wherever it is computed. Draws of other streams are skipped, not
    made: the time is that of the own ones. All that does not belong to a stream is drawn as usual.
    """

    def __init__(self, bits: np.random.BitGenerator, first: int, streams: int) -> None:
        """Draw from ``bits``, whose state goes on as if all draws were made.

        Args:
            bits: A ``PCG64``; for draws by stream, one that has made no other draws.
            first: The first of the streams.
            streams: ``B`` of the whole block.
        """
        super().__init__(bits)
        self.first, self.streams = first, streams
        self._is_half = False  # half of a number of 64 bits is left, for the next draw

    def of_seed(self, seed: int) -> OfStreams:
        """Return another generator for the same streams."""
        return OfStreams(np.random.PCG64(seed), self.first, self.streams)

    def random_by_stream(self, shape: tuple[int, ...]) -> Array:
        """Return ``(..., b, D)`` float32: of ``(..., B, D)`` the rows of these ``b`` streams."""
        *steps, own, width = shape
        found = np.empty((int(np.prod(steps)), own, width), np.float32)
        for step in found:
            self._skip(self.first * width)
            self._draw(step)
            self._skip((self.streams - self.first - own) * width)
        return found.reshape(shape)

    def own(self, shape: tuple[int, ...]) -> Streams:
        """Return which values of a block those of ``(..., b, D)`` are."""
        *_, own, width = shape
        return Streams(own * width, self.streams * width, self.first * width)

    def _draw(self, out: Array) -> None:
        self.random(dtype=np.float32, out=out)  # 32 bits each
        self._is_half ^= out.size % 2 == 1

    def _skip(self, draws: int) -> None:
        if draws and self._is_half:
            self._draw(np.empty(1, np.float32))
            draws -= 1
        if draws > 1:
            self.bit_generator.advance(draws // 2)  # type: ignore[attr-defined]
        if draws % 2:
            self._draw(np.empty(1, np.float32))


def dropout_mask(
    rng: np.random.Generator,
    rate: float,
    shape: tuple[int, ...],
    like: Array,
    by_stream: bool = False,
) -> Array:
    """Return zeros with probability ``rate`` and ``1 / (1 - rate)`` elsewhere, in ``like``'s type.

    Because training scales the values, evaluation changes nothing (inverted dropout).

    Args:
        rng: Draws it.
        rate: The dropout rate.
        shape: Of the mask.
        like: An array of the mask's type; on a device the same mask is drawn there.
        by_stream: The last axes are streams and values, ``(..., B, D)``.
    """
    if on_device(like):
        own = rng.own(shape) if by_stream and isinstance(rng, OfStreams) else None
        return draw_mask(rng, rate, shape, like, own)
    if by_stream and isinstance(rng, OfStreams):
        drawn = rng.random_by_stream(shape)
    else:
        drawn = rng.random(shape, dtype=np.float32)
    mask: Array = (drawn >= rate).astype(like.dtype)
    mask *= 1.0 / (1.0 - rate)
    return mask


def children(rng: np.random.Generator | None, layers: int) -> list[np.random.Generator | None]:
    """Return one generator per layer, so that the order in which layers draw does not matter."""
    if rng is None:
        return [None] * layers
    seeds = rng.integers(2**63, size=layers)
    new = rng.of_seed if isinstance(rng, OfStreams) else np.random.default_rng
    return [new(seed) for seed in seeds]


class Dropout(Layer):
    """Dropout between one layer and the next (Srivastava et al., 2014).

    Not used in the recurrence, where new noise at every step would erase the memory (Zaremba et
    al., 2014). ``variational`` draws one mask per stream for all steps of a block (Gal and
    Ghahramani, 2016).
    """

    def __init__(self, rate: float, variational: bool = False) -> None:
        self.rate = rate
        self.variational = variational

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> DropoutPass:
        """Begin a block."""
        return DropoutPass(self, steps, rng if self.rate > 0 else None)


class DropoutPass(Pass):
    """One block; without a generator it passes unchanged."""

    def __init__(self, layer: Dropout, steps: int, rng: np.random.Generator | None) -> None:
        super().__init__(steps)
        self._layer, self._rng = layer, rng
        self._masks: list[Array] = []  # one per part

    def _forward(self, x: Array, state: State) -> tuple[Array, State]:
        if self._rng is None:
            return x, ()
        if self._layer.variational and self._masks:
            self._masks.append(self._masks[0])
        else:
            rows = 1 if self._layer.variational else len(x)
            shape = (rows, *x.shape[1:])
            self._masks.append(dropout_mask(self._rng, self._layer.rate, shape, x, True))
        return x * self._masks[-1], ()

    def _backward(self, dy: Array, dstate: State) -> tuple[Array, State]:
        """Apply the same mask to ``dy`` as to ``x``."""
        return (dy * self._masks.pop() if self._masks else dy), ()
