"""Several models that read one text side by side, as a network whose probabilities are mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, Protocol

import numpy as np

from rnnlm_cli.model.network import NetworkPass
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.nn.param import Param
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids

NOT_TRAINED = "a mixture is not trained"


class Member(Protocol):
    """A model in a mixture: it reads ids from left to right, and predicts the next one."""

    def initial_state(self, streams: int) -> State:
        """Return the state before any token; all zeros."""

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ids ``(T, B)``; return what predicts the next, ``(T, B, D)``, and the state."""

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)``; 0 for ignored targets."""

    def log_probs(self, h: Array) -> Array:
        """Natural log of all probabilities: ``(..., D)`` to ``(..., V)``."""

    @property
    def parameter_count(self) -> int:
        """The number of trained values."""

    def running(self) -> AbstractContextManager[None]:
        """See ``Rnnlm.running``."""

    def unchanged(self) -> AbstractContextManager[None]:
        """See ``Rnnlm.unchanged``."""


class Mixture(Rnnlm):
    """A network whose distribution is the weighted mean of those of its members.

    ::

        p(w) = sum of weight_k p_k(w)

    Each member has its own state, and a part of ``h``. So everything that reads with a network
    reads with a mixture. It is not trained, and has no embedding.
    """

    def __init__(self, members: Sequence[Member], weights: Sequence[float], types: int) -> None:
        """Mix models.

        Args:
            members: At least one; all predict the same tokens.
            weights: One per member, 0 or above, of sum 1.
            types: The number of tokens, ``V``.
        """
        self.members, self.bidirectional, self.params = members, False, {}
        first = np.zeros((1, 1), np.int64)
        parts = [member.read(first, member.initial_state(1))[0] for member in members]
        self.output: Any = MixedOutput(members, weights, [part.shape[-1] for part in parts])
        self._types, self._dtype = types, np.result_type(*parts)

    @property
    def types(self) -> int:
        """The number of tokens."""
        return self._types

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of ``h``."""
        return self._dtype

    @property
    def parameter_count(self) -> int:
        """The number of values in all members."""
        return sum(member.parameter_count for member in self.members)

    def initial_state(self, batch_size: int) -> State:
        """Return the zero state before any token, one entry per member."""
        return tuple(member.initial_state(batch_size) for member in self.members)

    def running(self) -> AbstractContextManager[None]:
        """Apply the settings of all engines."""
        return entered([member.running for member in self.members])

    def unchanged(self) -> AbstractContextManager[None]:
        """Promise that no weight of any member changes."""
        return entered([member.unchanged for member in self.members])

    def begin(
        self, steps: int, streams: int, rng: np.random.Generator | None = None
    ) -> NetworkPass:
        """Begin a block of ids ``(T, B)``."""
        return MixedPass(self.members, steps)


class MixedPass(NetworkPass):
    """One block of ids, read by all members."""

    def __init__(self, members: Sequence[Member], steps: int) -> None:
        super().__init__(steps)
        self._members = members

    def _forward(self, x: Ids, state: State) -> tuple[Array, State]:
        pairs = zip(self._members, state, strict=True)
        parts, states = zip(*(member.read(x, own) for member, own in pairs), strict=True)
        return np.concatenate(parts, axis=-1), states

    def _backward(self, dy: Array, dstate: State) -> tuple[None, State]:
        raise RuntimeError(NOT_TRAINED)

    def _finish(self) -> None:
        raise RuntimeError(NOT_TRAINED)


class MixedOutput:
    """What an output layer is to a network: ``h`` to probabilities, see ``OutputLayer``."""

    params: Mapping[str, Param] = {}

    def __init__(
        self, members: Sequence[Member], weights: Sequence[float], sizes: Sequence[int]
    ) -> None:
        """Take the members with their weights and the sizes of their parts of ``h``."""
        ends = np.cumsum(sizes).tolist()
        parts = [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]
        with np.errstate(divide="ignore"):
            logs = np.log(np.array(weights, float)).tolist()
        self._members = [m for m in zip(members, parts, logs, strict=True) if m[2] > -np.inf]

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)`` float64; 0 for ignored targets."""
        return self._mixed(h, lambda member, own: member.target_log_probs(own, targets))

    def log_probs(self, h: Array) -> Array:
        """Natural log of all probabilities: ``(..., H)`` to ``(..., V)``."""
        return self._mixed(h, lambda member, own: member.log_probs(own))

    def _mixed(self, h: Array, log_probs: Callable[[Member, Array], Array]) -> Array:
        """Add up the probabilities of the members, one after another, so that memory is small."""
        total: Array | None = None
        for member, part, log_weight in self._members:
            own = log_probs(member, h[..., part]) + log_weight
            total = own if total is None else np.logaddexp(total, own)
        assert total is not None  # the weights have sum 1
        return total


@contextmanager
def entered(contexts: Sequence[Callable[[], AbstractContextManager[None]]]) -> Iterator[None]:
    """Enter all contexts."""
    with ExitStack() as stack:
        for context in contexts:
            stack.enter_context(context())
        yield
