"""Models that are mixed: their scores of a text, and the weights that suit it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.interpolation import (
    Interpolation,
    NgramScores,
    fit_weights,
    interpolate,
    mixture,
)
from rnnlm_cli.evaluate.perplexity import Perplexity, of_log_probs
from rnnlm_cli.evaluate.stream import Counted, evaluation_blocks, read_blocks, score_blocks
from rnnlm_cli.model.members import NetworkMember, NgramMember, TokenScorer, member_of
from rnnlm_cli.model.mixture import Member, Mixture
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.corpus import Corpus


class Ensemble(NamedTuple):
    """The networks of a mixture on a text, each by itself and together."""

    models: list[Perplexity]
    weights: list[float]  # of sum 1
    mix: Perplexity
    fitted: bool


class Mixed(NamedTuple):
    """A mixture on a text: the networks alone, and all of them with an n-gram model."""

    ensemble: Ensemble | None  # of more than one network
    interpolation: Interpolation | None  # with an n-gram model


class Mixing:
    """A first model, and others that are mixed with it.

    Attributes:
        first: The model whose codec, vocabulary and config count.
        networks: How many of the models are networks, the first among them.
    """

    def __init__(
        self,
        first: TrainedModel,
        others: Sequence[tuple[str, TrainedModel]] = (),
        ngram: TokenScorer | None = None,
    ) -> None:
        """Check that the models can be mixed.

        Args:
            first: A left-to-right model.
            others: More of them, with their names in messages.
            ngram: An n-gram model.

        Raises:
            UsageError: One is bidirectional, has other tokens, or reads in another way.
        """
        first.require_left_to_right("be mixed with another model")
        self.first = first
        self._members: list[Member] = [NetworkMember(first.network)]
        self._members += [member_of(model, first, path) for path, model in others]
        self.networks = len(self._members)
        if ngram is not None:
            self._ngram = NgramMember(ngram, first.vocabulary, first.codec.line_end)
            self._members.append(self._ngram)

    def __len__(self) -> int:
        return len(self._members)

    def model(self, weights: Sequence[float]) -> TrainedModel:
        """Return the mixture as a model, whose history and origin are those of the first.

        Args:
            weights: One per model, networks first; they are divided by their sum.

        Raises:
            UsageError: Their number is wrong, one is negative, or all are zero.
        """
        return replace(self.first, network=self._network(self._members, self.checked(weights)))

    def checked(self, weights: Sequence[float]) -> list[float]:
        """Return weights of sum 1.

        Raises:
            UsageError: Their number is wrong, one is negative, or all are zero.
        """
        total = sum(weights)
        right = len(weights) == len(self) and min(weights) >= 0 and 0 < total < np.inf
        if not right:
            raise UsageError(
                f"is not a weight of 0 or above for each of the {len(self)} models",
                field="mix_weights",
                place=",".join(f"{weight:g}" for weight in weights),
            )
        return [weight / total for weight in weights]

    def scores(self, text: Corpus, poll: Callable[[int], object] = lambda tokens: None) -> Array:
        """Return natural logs ``(K, N)`` of the targets of a text under each model.

        Args:
            text: The text in the vocabulary of the first model.
            poll: Called with the number of tokens that were scored, block by block.
        """
        return np.stack([self._scores(member, text, poll) for member in self._members])

    def scores_beside(self, first: Array, text: Corpus) -> Array:
        """Return what ``scores`` does; those of the first model, which may adapt, are given."""
        others = [self._scores(member, text) for member in self._members[1:]]
        return np.stack([first, *others])

    def fitted(
        self, text: Corpus, poll: Callable[[int], object] = lambda tokens: None
    ) -> list[float]:
        """Return the weights that maximize the likelihood of a text."""
        return fit_weights(self.scores(text, poll))

    def share_of_strangers(self, text: Corpus) -> float:
        """Return the share of a text's targets that an n-gram model does not list."""
        if len(self) == self.networks:
            return 0.0
        strangers = np.array([word not in self._ngram.scorer for word in self._ngram.words])
        return float(np.mean(strangers[np.asarray(text.ids[text.given :])]))

    def measure(
        self, text: Corpus, first: Counted, weights: Sequence[float], fitted: bool
    ) -> Mixed:
        """Measure all models on a text, each by itself and together.

        Args:
            text: The text.
            first: Its targets, and their natural logs under the first model, which may adapt.
            weights: One per model.
            fitted: Whether they were fitted.
        """
        weights = self.checked(weights)
        scores = self.scores_beside(first.log_probs, text)
        networks, total = weights[: self.networks], sum(weights[: self.networks])
        shares = [weight / total for weight in networks] if total else networks
        mixed = mixture(scores[: self.networks], shares)
        ensemble = None
        if self.networks > 1:
            all_logs = [*scores[: self.networks], mixed]
            each = [self._figures(text, Counted(first.targets, logs)) for logs in all_logs]
            ensemble = Ensemble(each[:-1], shares, each[-1], fitted)
        if len(self) == self.networks:
            return Mixed(ensemble, None)
        unknown = np.array([self._ngram.scorer.is_unknown(word) for word in self._ngram.words])
        ngram = NgramScores(scores[-1], unknown[first.targets])
        return Mixed(ensemble, interpolate(mixed, ngram, total, fitted))

    def _figures(self, text: Corpus, counted: Counted) -> Perplexity:
        return of_log_probs(text, self.first.vocabulary, counted)

    def _network(self, members: Sequence[Member], weights: Sequence[float]) -> Mixture:
        return Mixture(members, weights, len(self.first.vocabulary))

    def _scores(
        self, member: Member, text: Corpus, poll: Callable[[int], object] = lambda tokens: None
    ) -> Array:
        blocks, parts = evaluation_blocks(text, end_of_line=self.first.line_edge), []
        # an n-gram model may give probability zero, which in a network would be divergence
        read = score_blocks if isinstance(member, NetworkMember) else read_blocks
        for scored in read(self._network([member], [1.0]), blocks):
            parts.append(scored.counted.log_probs)
            poll(len(parts[-1]))
        return np.concatenate(parts)
