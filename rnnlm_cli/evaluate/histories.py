"""Distributions of the next token after many histories, for programs that search for a text.

A decoder asks for the probability of a thousand words after one history, and goes on with a few of
them. So a history is a value, its distribution is computed once, and those that are known to be
needed together are computed side by side.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State, joined_streams, of_streams
from rnnlm_cli.system.arrays import Array

MOST_BYTES = 1 << 28
"""Default memory for distributions: 6,000 of 10,000 words."""


class History:
    """The ids that were read, as a chain: longer histories share what they begin with.

    Two are equal if their ids are. They are compared from the end, up to the part that they share.

    Attributes:
        before: The history without its last id; ``None`` for the empty one.
        last: The last id; -1 for the empty one.
        length: How many ids were read.
    """

    __slots__ = ("_hash", "before", "last", "length")

    def __init__(self, before: History | None = None, last: int = -1) -> None:
        self.before, self.last = before, last
        self.length: int = 0 if before is None else before.length + 1
        self._hash: int = hash((0 if before is None else before._hash, last))

    def then(self, *ids: int) -> History:
        """Return the history after more ids."""
        history = self
        for k in ids:
            history = History(history, k)
        return history

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        one: History | None = self
        two: History | None = other
        while one is not two:
            if one is None or two is None or (one._hash, one.last) != (two._hash, two.last):
                return False
            one, two = one.before, two.before
        return True

    @property
    def ids(self) -> tuple[int, ...]:
        """All ids, the first one first."""
        found = list[int]()
        history = self
        while history.before is not None:
            found.append(history.last)
            history = history.before
        return tuple(reversed(found))


class After(NamedTuple):
    """What a history leads to: natural logs ``(V,)`` of the next token, and the state."""

    log_probs: Array
    state: State


class Distributions:
    """What comes after histories: computed once, kept while there is room, batched.

    What had to make room is computed again from the nearest history that is still there. Several
    threads may ask.
    """

    def __init__(
        self, model: TrainedModel, most_bytes: int = MOST_BYTES, state: State | None = None
    ) -> None:
        """Begin with the empty history.

        Args:
            model: A left-to-right model.
            most_bytes: Memory for what is kept; at least one distribution is.
            state: The state before any id; ``None`` for the zero state.
        """
        self._model = model
        self._start = model.network.initial_state(1) if state is None else state
        types = len(model.vocabulary)
        each = types * model.network.dtype.itemsize + sum(a.nbytes for a in flat(self._start))
        self._most = max(1, most_bytes // each)
        self._kept: OrderedDict[History, After] = OrderedDict()  # the last used one last
        self.computed = 0  # steps of the network, one per history

    def __contains__(self, history: History) -> bool:
        """Whether its distribution is kept."""
        return history in self._kept

    def after(self, history: History) -> Array:
        """Return natural logs ``(V,)`` of the token after a history, which is not empty.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        return self.after_each([history])[0]

    def after_each(self, histories: Iterable[History]) -> list[Array]:
        """Return natural logs ``(V,)`` of the token after each history; none of them is empty.

        Those that are not kept are read side by side.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        asked = list(histories)
        found = dict[History, After]()
        missing = dict[History, None]()
        for history in asked:
            self._find(history, found, missing)
        while missing:
            ready = [h for h in missing if not before(h).length or before(h) in found]
            found.update(self._read(ready, found))
            for history in ready:
                del missing[history]
        return [found[history].log_probs for history in asked]

    def _find(
        self, history: History, found: dict[History, After], missing: dict[History, None]
    ) -> None:
        """Look up a history; if it is not kept, note it and what has to be read before it."""
        chain = list[History]()
        while history.length and history not in found and history not in missing:
            kept = self._kept.pop(history, None)
            if kept is not None:
                self._kept[history] = found[history] = kept
                break
            chain.append(history)
            history = before(history)
        missing.update(dict.fromkeys(reversed(chain)))

    def _read(
        self, histories: list[History], found: dict[History, After]
    ) -> Iterator[tuple[History, After]]:
        """Read the last token of each, side by side; the histories before them are found."""
        states = [found[b].state if (b := before(h)).length else self._start for h in histories]
        ids = np.array([[history.last for history in histories]], np.int64)  # (1, B)
        log_probs, state = self._model.next_log_probs(ids, joined_streams(states))
        self.computed += len(histories)
        for k, history in enumerate(histories):  # copies: a view would keep the whole batch
            after = After(log_probs[k].copy(), of_streams(state, np.array([k])))
            self._kept[history] = after
            yield history, after
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def before(history: History) -> History:
    """Return a history without its last id."""
    assert history.before is not None  # the empty history is never read
    return history.before


def flat(state: State) -> Iterator[Array]:
    """Yield the arrays of a state."""
    for part in state:
        if isinstance(part, tuple):
            yield from flat(part)
        else:
            yield part
