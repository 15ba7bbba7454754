"""What a mixture reads with: networks, whose ids may have another order, and n-gram models."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

import numpy as np

from rnnlm_cli.errors import UsageError, literal, quoted
from rnnlm_cli.model.rnnlm import Rnnlm
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.nn.state import State
from rnnlm_cli.system.arrays import IGNORED, Array, Ids
from rnnlm_cli.text.spellings import BEGIN, END, others_names
from rnnlm_cli.text.vocabulary import Vocabulary


class NetworkMember:
    """A network in a mixture."""

    def __init__(self, network: Rnnlm, ids: Ids | None = None) -> None:
        """Take a network that reads from left to right.

        Args:
            network: The network.
            ids: ``(V,)`` its id of each token of the mixture; ``None`` if they are the same.
        """
        self.network, self._ids = network, ids

    @property
    def parameter_count(self) -> int:
        """The number of values in all its parameters."""
        return self.network.parameter_count

    def initial_state(self, streams: int) -> State:
        """Return the zero state."""
        return self.network.initial_state(streams)

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ids ``(T, B)``; return ``h (T, B, H)`` and the state."""
        h, state = self.network.read(ids if self._ids is None else self._ids[ids], state)
        return self.network.on_host(h), state

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)``; 0 for ignored targets."""
        if self._ids is not None:
            targets = np.where(targets == IGNORED, IGNORED, self._ids[targets])
        return self.network.output.target_log_probs(self._own(h), targets)

    def log_probs(self, h: Array) -> Array:
        """Natural log of all probabilities: ``(..., H)`` to ``(..., V)``."""
        found = self.network.output.log_probs(self._own(h))
        return found if self._ids is None else found[..., self._ids]

    def running(self) -> AbstractContextManager[None]:
        """Apply the engine's settings."""
        return self.network.running()

    def unchanged(self) -> AbstractContextManager[None]:
        """Promise that no weight changes."""
        return self.network.unchanged()

    def _own(self, h: Array) -> Array:
        """Return a part of a mixture's ``h`` as the network computed it."""
        own = np.ascontiguousarray(h, self.network.dtype)
        return self.network.where_it_computes(own)


class TokenScorer(Protocol):
    """An n-gram model.

    Attributes:
        order: The length of its longest n-grams, in tokens.
    """

    order: int

    def __contains__(self, word: str) -> bool:
        """Whether it lists a word."""

    def is_unknown(self, word: str) -> bool:
        """Whether a word is the unknown word, or is not listed."""

    def ids_of(self, words: Sequence[str]) -> Ids:
        """Return its id of each word; -1 for probability zero."""

    def log10_probs(self, histories: Ids, words: Ids) -> Array:
        """Return ``log10 p(word | history)``, ``(N,)``; minus infinity for probability zero.

        Args:
            histories: ``(N, order - 1)`` ids, -1 where there is no word.
            words: ``(N,)`` ids.
        """

    def distributions_of(self, words: Ids) -> Callable[[Ids], Array]:
        """Return what takes histories to ``log10 p(word | history)`` of all words, ``(N, V)``."""


class NgramMember:
    """An n-gram model in a mixture.

    It is given the text as a network sees it: a token that the network does not know is the unknown
    word to both, so that both predict the same. A line begins after ``<s>``.

    Its state is ``(B, order - 1)``, the ids of the last words, each plus one; 0 is ``<s>``, and
    what would be before it. Its ``h`` is the same.
    """

    parameter_count = 0

    def __init__(self, scorer: TokenScorer, vocabulary: Vocabulary, line_end: str | None) -> None:
        """Map the tokens of a vocabulary to the words of the model.

        Args:
            scorer: The model.
            vocabulary: The tokens.
            line_end: The token that ends a line.
        """
        self.scorer, self.words = scorer, others_names(vocabulary, line_end)
        self._line_end = self.words.index(END) if END in self.words else IGNORED
        self._ids = scorer.ids_of([BEGIN, *self.words])  # by id plus one
        self._log10_distributions = scorer.distributions_of(self._ids[1:])

    def initial_state(self, streams: int) -> State:
        """Return the state at the beginning of a line."""
        return (np.zeros((streams, self.scorer.order - 1), np.int64),)

    def read(self, ids: Ids, state: State) -> tuple[Array, State]:
        """Read ids ``(T, B)``; return the last words before each next one, and the state."""
        (last,) = state
        found = np.empty((*ids.shape, last.shape[1]), np.float32)  # whole numbers up to 2 ** 24
        for t, step in enumerate(ids):
            last = np.column_stack([last, step + 1])[:, 1:]
            last[step == self._line_end] = 0
            found[t] = last
        return found, (last,)

    def target_log_probs(self, h: Array, targets: Ids) -> Array:
        """Natural log of each target's probability, ``(T, B)``; 0 for ignored targets."""
        found, counted = np.zeros(targets.shape), targets != IGNORED
        words = self._ids[targets[counted] + 1]
        found[counted] = self.scorer.log10_probs(self._histories(h[counted]), words)
        return found * math.log(10)

    def log_probs(self, h: Array) -> Array:
        """Natural log of all probabilities: ``(..., D)`` to ``(..., V)``."""
        rows = self._histories(h.reshape(math.prod(h.shape[:-1]), h.shape[-1]))
        found = self._log10_distributions(rows) * math.log(10)
        return found.reshape(*h.shape[:-1], len(self.words))

    def running(self) -> AbstractContextManager[None]:
        """Need no settings."""
        return nullcontext()

    def unchanged(self) -> AbstractContextManager[None]:
        """Promise what always holds."""
        return nullcontext()

    def _histories(self, h: Array) -> Ids:
        """Return the scorer's ids of the last words, ``(N, order - 1)``; -1 before ``<s>``."""
        codes = h.astype(np.int64)
        before = (codes[:, :-1] == 0) & (codes[:, 1:] == 0)
        found = self._ids[codes]
        found[:, :-1][before] = -1
        return found


def member_of(other: TrainedModel, first: TrainedModel, path: str) -> NetworkMember:
    """Return a model as a member of a mixture with another one.

    Args:
        other: The model.
        first: The model whose text, codec and ids the mixture has.
        path: The name of ``other`` in messages.

    Raises:
        UsageError: They cannot be mixed: one is bidirectional, they have other tokens, or lines
            mean something else to them.
    """
    for model in (first, other):
        model.require_left_to_right("be mixed with another model")
    ours, theirs = first.vocabulary, other.vocabulary
    odd = sorted(set(ours.tokens) ^ set(theirs.tokens))
    if odd:
        raise UsageError(
            f"{len(odd):,} tokens are known to it or to the first model alone, such as "
            f"{literal(quoted(odd[0]))}, so that their probabilities cannot be added; train both "
            "with one vocabulary",
            place=path,
        )
    for what, mine, its in (
        ("the unknown token", ours.unknown, theirs.unknown),
        ("the token that ends lines", first.codec.line_end, other.codec.line_end),
    ):
        if mine != its:
            raise UsageError(
                f"{what} is {literal(quoted(its))}, and {literal(quoted(mine))} in the first model;"
                " mix models that read alike",
                place=path,
            )
    same = ours.tokens == theirs.tokens
    return NetworkMember(other.network, None if same else theirs.ids_of(ours.tokens))
