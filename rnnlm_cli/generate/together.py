"""Texts that come and go at different times, written together: one token of each per step.

(Continuous batching: Yu et al., 2022.) A step reads the last tokens of all texts as one batch, so
that the weights pass through memory once for all of them. A text's tokens are those that it would
get alone with its seed: each has its own generator, and only rounding depends on which texts share
a batch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.beginning import Beginning
from rnnlm_cli.generate.continuations import read_in_parts, rows_at_once
from rnnlm_cli.generate.filters import Filter, Filters
from rnnlm_cli.generate.past import Growing, Start
from rnnlm_cli.generate.sampling import draw_next
from rnnlm_cli.model.likeliest import Likeliest, likeliest
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State, joined_streams, of_streams
from rnnlm_cli.system.arrays import Array

START_TOKENS = 64
"""Tokens of starts that are read per step."""

MOST = 256
"""Texts that are written at once; others wait."""


class Text:
    """A text among others.

    Attributes:
        beginning: What it goes on from; shared by the samples of one start.
        filters: Change the probabilities, in this order; the same list in texts with equal ones.
        top: How many of the most likely tokens to return with each draw.
    """

    def __init__(
        self, beginning: Beginning, seed: int, filters: list[Filter], top: int, history: Growing
    ) -> None:
        self.beginning, self.top = beginning, top
        self.rng, self.filters, self.history = np.random.default_rng(seed), filters, history
        self.last = -1  # the token that was drawn last


class Drawn(NamedTuple):
    """The next token of a text."""

    text: Text
    id: int
    log_prob: float  # natural log, the model's own, before any filter
    likeliest: Likeliest  # the ``top`` most likely tokens


class Together:
    """Texts that are written together; whoever steps is inside ``network.unchanged()``.

    Attributes:
        model: The left-to-right model that writes them.
        most: How many are written at once.
    """

    def __init__(self, model: TrainedModel, most: int = MOST) -> None:
        self.model, self.most = model, most
        self._begun: deque[Beginning] = deque()  # being read, one part of each in turn
        self._waiting: deque[Text] = deque()
        self._written: list[Text] = []  # as the streams of the state
        self._state: State = ()
        self._filters: dict[Filters, list[Filter]] = {}

    def join(
        self, beginning: Beginning, seeds: Sequence[int], filters: Filters, top: int = 0
    ) -> list[Text]:
        """Add texts that begin alike; they are written when their start has been read.

        Args:
            beginning: Their start, of this model; its parts are small.
            seeds: Of their random generators, one per text.
            filters: Change the probabilities; ``skip`` is a tuple.
            top: How many of the most likely tokens to return with each draw.
        """
        start, in_order = Start(beginning.start), self._in_order(filters)
        texts = [Text(beginning, seed, in_order, top, Growing(start)) for seed in seeds]
        if beginning.left:
            self._begun.append(beginning)
        self._waiting.extend(texts)
        return texts

    def leave(self, texts: Collection[Text]) -> None:
        """Remove texts, begun or not; those that are not here are ignored."""
        left = set(texts)
        stay = [k for k, text in enumerate(self._written) if text not in left]
        if len(stay) < len(self._written):
            self._written = [self._written[k] for k in stay]
            self._state = of_streams(self._state, np.array(stay, np.int64))
        self._waiting = deque(text for text in self._waiting if text not in left)
        wanted = {id(text.beginning) for text in self._waiting}
        self._begun = deque(start for start in self._begun if id(start) in wanted)

    @property
    def written(self) -> int:
        """How many texts are written at the moment."""
        return len(self._written)

    @property
    def waiting(self) -> int:
        """How many texts wait: their start is not read, or there is no place."""
        return len(self._waiting)

    def __bool__(self) -> bool:
        """Whether a step has something to do."""
        return bool(self._written or self._waiting)

    def step(self) -> list[Drawn]:
        """Read the last token of every text, and a part of the starts; draw the next tokens.

        Returns:
            What each text drew, except those that still wait.

        Raises:
            DivergedError: The model has diverged (see ``model/bounds.py``).
        """
        self._read_starts()
        drawn: list[Drawn] = []
        texts: list[Text] = []
        states: list[State] = []
        for part, log_probs, state in [*self._going_on(), *self._new_ones()]:
            drawn += self._draw(part, log_probs)
            texts += part
            states.append(state)
        self._written = texts
        self._state = joined_streams(states) if states else ()
        return drawn

    def _read_starts(self) -> None:
        """Read about ``START_TOKENS`` of the starts, in turn: a long one delays no other."""
        room = START_TOKENS
        while self._begun and room > 0:
            beginning = self._begun.popleft()
            before = beginning.left
            beginning.read_part()
            room -= before - beginning.left
            if beginning.left:
                self._begun.append(beginning)

    def _going_on(self) -> Iterator[tuple[list[Text], Array, State]]:
        """Read what was drawn last, some texts at a time, so that memory is bounded."""
        if not self._written:
            return
        texts, rows = self._written, rows_at_once(len(self.model.vocabulary))
        last = np.array([text.last for text in texts], np.int64)
        parts = read_in_parts(self.model.next_log_probs, last, self._state, rows)
        for k, (log_probs, state) in enumerate(parts):
            yield texts[k * rows : (k + 1) * rows], log_probs, state

    def _new_ones(self) -> Iterator[tuple[list[Text], Array, State]]:
        """Give those whose start has been read a place, if there is one; the first come first."""
        room, wait = self.most - len(self._written), list[Text]()
        new: list[Text] = []
        for text in self._waiting:
            ready = not text.beginning.left and len(new) < room
            (new if ready else wait).append(text)
        self._waiting = deque(wait)
        for begin in range(0, len(new), rows := rows_at_once(len(self.model.vocabulary))):
            part = new[begin : begin + rows]
            log_probs = np.concatenate([text.beginning.log_probs for text in part])
            yield part, log_probs, joined_streams([text.beginning.state for text in part])

    def _draw(self, texts: Sequence[Text], log_probs: Array) -> list[Drawn]:
        """Draw for texts from ``(B, V)``, those with equal filters together."""
        alike: dict[int, list[int]] = {}
        for k, text in enumerate(texts):
            alike.setdefault(id(text.filters), []).append(k)
        tops, found = self._likeliest(texts, log_probs), dict[int, Drawn]()
        for rows in alike.values():
            own = [texts[k] for k in rows]
            of_these = log_probs if len(own) == len(texts) else log_probs[rows]
            histories, rngs = [text.history for text in own], [text.rng for text in own]
            drawn = draw_next(of_these, own[0].filters, histories, rngs)
            for k, token, value in zip(
                rows, drawn.ids.tolist(), drawn.log_probs.tolist(), strict=True
            ):
                texts[k].last = token
                found[k] = Drawn(texts[k], token, value, tops[k])
        return [found[k] for k in range(len(texts))]

    def _in_order(self, filters: Filters) -> list[Filter]:
        """Return the functions; of texts whose filters are equal the same list, so far as kept."""
        if filters not in self._filters:
            if len(self._filters) > self.most:
                self._filters.clear()
            self._filters[filters] = filters.in_order()
        return self._filters[filters]

    def _likeliest(self, texts: Sequence[Text], log_probs: Array) -> list[Likeliest]:
        wanting = [k for k, text in enumerate(texts) if text.top]
        found: list[Likeliest] = [[] for _ in texts]
        if wanting:
            most = max(texts[k].top for k in wanting)
            for k, tops in zip(wanting, likeliest(log_probs[wanting], most), strict=True):
                found[k] = tops[: texts[k].top]
        return found
