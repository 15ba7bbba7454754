"""A start that is read part by part, perhaps with a score per token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.continuations import ELEMENTS
from rnnlm_cli.generate.sampling import PART, start_parts
from rnnlm_cli.model.likeliest import Likeliest, likeliest
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import Array, Ids


class TokenScore(NamedTuple):
    """A token that was read."""

    id: int
    log_prob: float | None  # natural log; None for the first token that a model reads
    likeliest: Likeliest  # what was most likely in its place; empty for the first token


class Beginning:
    """A start, read between other work: each call of ``read_part`` takes a bounded time.

    Attributes:
        start: The ids of the text.
        log_probs: Natural logs ``(1, V)`` of the next token, after the last part.
        state: The state after what was read, of one stream.
        scores: A score per token of ``start`` that was read, if they are wanted.
    """

    log_probs: Array

    def __init__(
        self,
        model: TrainedModel,
        start: Sequence[int],
        before: Sequence[int] = (),
        top: int | None = None,
        part: int = PART,
    ) -> None:
        """Prepare to read from the zero state.

        Args:
            model: A left-to-right model.
            start: Ids; at least one here or in ``before``.
            before: Ids that are read first but are not part of the text.
            top: Score each token, and keep this many of the most likely ones in its place;
                ``None`` scores none.
            part: Maximum tokens per part.
        """
        self.start, self.scores = list(start), list[TokenScore]()
        self.state: State = model.network.initial_state(1)
        self._ids, self._before, self._top = [*before, *start], len(before), top
        self._done, self._model = 0, model
        if top is not None:
            part = max(1, min(part, ELEMENTS // len(model.vocabulary)))
        self._parts = start_parts(self._read, self.state, self._ids, part)

    @property
    def left(self) -> int:
        """How many tokens are not read yet."""
        return len(self._ids) - self._done

    def read_part(self) -> None:
        """Read the next part.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        self.log_probs, self.state = next(self._parts)

    def read_all(self) -> Beginning:
        """Read what is left; return itself."""
        while self.left:
            self.read_part()
        return self

    def _read(self, ids: Ids, state: State) -> tuple[Array, State]:
        if self._top is None:
            self._done += len(ids)
            return self._model.next_log_probs(ids, state)
        log_probs, state = self._model.each_log_probs(ids, state)
        # what was predicted before each of these tokens; nothing before the very first
        before = [self.log_probs, log_probs[:-1]] if self._done else [log_probs[:-1]]
        self._score(ids[:, 0], np.concatenate(before), self._top)
        self._done += len(ids)
        return log_probs[-1:].copy(), state

    def _score(self, ids: Ids, log_probs: Array, top: int) -> None:
        """Score tokens ``(T,)`` by the distributions before them, one less for the very first."""
        first = len(ids) - len(log_probs)
        own = log_probs[np.arange(len(log_probs)), ids[first:]].tolist()
        tops = likeliest(log_probs, top)
        found = [TokenScore(int(ids[0]), None, [])] * first
        found += map(TokenScore, ids[first:].tolist(), own, tops)
        self.scores += found[max(0, self._before - self._done) :]
