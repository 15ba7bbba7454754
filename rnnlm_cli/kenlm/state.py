"""What a decoder holds: a state, and the score of a word."""

from __future__ import annotations

from functools import total_ordering
from typing import NamedTuple

from rnnlm_cli.evaluate.histories import History


class FullScoreReturn(NamedTuple):
    """Of one word: log10 probability, how many tokens went into it, whether it is unknown."""

    log_prob: float
    ngram_length: int
    oov: bool


@total_ordering
class State:
    """What was read before a word; a model writes into it. A new one is the null context.

    Two are equal if the same ids were read. They can be hashed, ordered, copied and pickled; like
    ``kenlm``'s, one must not be written to while it is a key.
    """

    __slots__ = ("history",)

    def __init__(self) -> None:
        self.history = History()

    def __eq__(self, other: object) -> bool:
        return self.history == other.history if isinstance(other, State) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return self.history.ids < other.history.ids if isinstance(other, State) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.history)

    def __copy__(self) -> State:
        return _state(self.history)

    def __deepcopy__(self, memo: object) -> State:
        return _state(self.history)

    def __reduce__(self) -> tuple[object, ...]:
        return _state_of, self.history.ids


def _state(history: History) -> State:
    """Return a state of a history."""
    state = State()
    state.history = history
    return state


def _state_of(*ids: int) -> State:
    """Return the state after ids, as it was pickled."""
    return _state(History().then(*ids))
