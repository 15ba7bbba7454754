"""The encoder: reads lines of different length, each to its own end."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from rnnlm_cli.nn.layers.dropout import children
from rnnlm_cli.nn.layers.embedding import Embedding
from rnnlm_cli.nn.layers.stack import Stack
from rnnlm_cli.nn.lookup import in_time
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State, replaced, zeros_like
from rnnlm_cli.system.arrays import IGNORED, Array, Bools, Ids


class Encoded(NamedTuple):
    """What an encoder makes of ``B`` lines, the longest of ``S`` tokens."""

    memory: Array  # (B, S, H), h of the top layer after each token, as they were read
    padding: Bools  # (B, S), the steps after the end of a line
    last: State  # of the stack, after the last token of each line


class Encoder:
    """Embedding and recurrent layers, read from the zero state (Sutskever et al., 2014).

    Attributes:
        reverse: Read each line from its end, so that its beginning, with which the decoder begins,
            was read last.
    """

    def __init__(self, embedding: Embedding, stack: Stack, reverse: bool) -> None:
        self.embedding, self.stack, self.reverse = embedding, stack, reverse

    @property
    def params(self) -> dict[str, Param]:
        """``embedding.weight`` and those of the stack."""
        own = {f"embedding.{key}": param for key, param in self.embedding.params.items()}
        return own | self.stack.params

    def begin(self, rng: np.random.Generator | None = None) -> EncoderPass:
        """Begin a block; without a generator there is no dropout."""
        return EncoderPass(self, rng)

    def places(self, source: Ids) -> Ids:
        """Return the place in its line of each token that is read: ``(B, S)`` to ``(B, S)``."""
        places = np.broadcast_to(np.arange(source.shape[1]), source.shape)
        if not self.reverse:
            return places
        lengths = lengths_of(source)[:, np.newaxis]
        return np.where(places < lengths, lengths - 1 - places, places)


class EncoderPass:
    """One block of lines.

    Lines of different length are side by side, but a recurrent layer knows no padding. So a block
    is read in parts, one for each length: at the end of a part, the lines that end there have their
    last state. What is read after the end of a line is not used, and no gradient comes to it.
    """

    def __init__(self, encoder: Encoder, rng: np.random.Generator | None) -> None:
        self._encoder, self._rng = encoder, rng
        self._lengths: Ids
        self._cuts: list[slice]

    def forward(self, source: Ids) -> Encoded:
        """Read lines ``(B, S)``, in each -1 after its last token.

        Raises:
            ValueError: A line is empty.
        """
        encoder, streams = self._encoder, len(source)
        self._lengths = lengths = lengths_of(source)
        if not lengths.all():
            raise ValueError("an encoder reads no empty line")
        steps = int(lengths.max())
        source = source[:, :steps]
        own = children(self._rng, 2)
        by_token = encoder.stack.by_token and steps > 1
        self._embedding = encoder.embedding.begin(steps, streams, own[0], by_token)
        self._stack = encoder.stack.begin(steps, streams, own[1])
        padding = source == IGNORED  # (B, S)
        read = np.take_along_axis(source, encoder.places(source), axis=1)
        x, _ = self._embedding.forward(np.where(padding, 0, read).T, ())  # (S, B, E)
        self._cuts = [slice(*ends) for ends in pairwise([0, *np.unique(lengths).tolist()])]
        state = last = encoder.stack.initial_state(streams)
        parts = []
        for cut in self._cuts:
            y, state = self._stack.forward(x[cut], state)
            last = replaced(last, lengths == cut.stop, state)
            parts.append(y)
        return Encoded(np.concatenate(parts).swapaxes(0, 1), padding, last)

    def backward(self, dmemory: Array, dlast: State) -> None:
        """Back-propagate.

        Args:
            dmemory: ``(B, S, H)``, the gradient of ``memory``, zero at padding.
            dlast: The gradient of ``last``.
        """
        dy, dstate, dxs = dmemory.swapaxes(0, 1), zeros_like(dlast), list[Any]()
        for cut in reversed(self._cuts):
            dstate = replaced(dstate, self._lengths == cut.stop, dlast)
            dx, dstate = self._stack.backward(dy[cut], dstate)
            dxs.append(dx)
        self._embedding.backward(in_time(dxs[::-1]), ())

    def finish(self) -> None:
        """Add the block's gradients to those of the parameters."""
        self._stack.finish()
        self._embedding.finish()


def lengths_of(lines: Ids) -> Ids:
    """Return the number of tokens ``(B,)`` of lines ``(B, S)`` that are filled up with -1."""
    lengths: Ids = np.count_nonzero(lines != IGNORED, axis=1)
    return lengths
