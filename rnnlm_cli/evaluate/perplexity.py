"""Perplexity: each target counts once, nats are summed in float64 and divided once at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.evaluate.stream import Counted, Scored, evaluation_blocks, read_blocks, score_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.history import TextFigures
from rnnlm_cli.model.network import Network
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.target_sizes import TextSize
from rnnlm_cli.text.vocabulary import Vocabulary


class Band(NamedTuple):
    """The targets that occur ``at_least`` times in the training text, and fewer than ``below``."""

    at_least: int
    below: int | None  # None for the last band
    tokens: int
    nats: float

    @property
    def perplexity(self) -> float:
        """``exp`` of their mean cross-entropy."""
        return perplexity(self.nats, self.tokens)


@dataclass(frozen=True)
class Perplexity:
    """The sums of an evaluation; reported figures are derived from them.

    Attributes:
        nats: ``-log p`` summed over all targets.
        tokens: Number of targets.
        oov: Targets that are not in the vocabulary, each scored as the unknown token.
        unknown: Targets that are the unknown token, literally or in place of an oov.
        unknown_nats: The part of ``nats`` of the unknown targets.
        characters: Characters of all targets as written in the text, see ``text/sizes.py``.
        bytes: The same in UTF-8 bytes.
        words: Words between white space that begin in the targets, and ends of lines among them.
        bands: The targets by how often they occur in the training text, the rarest first.
    """

    nats: float
    tokens: int
    oov: int
    unknown: int
    unknown_nats: float
    characters: int
    bytes: int
    words: int
    bands: tuple[Band, ...]

    @property
    def nats_per_token(self) -> float:
        """Mean cross-entropy in nats."""
        return self.nats / self.tokens

    @property
    def bits_per_token(self) -> float:
        """Mean cross-entropy to base 2."""
        return self.nats_per_token / math.log(2)

    @property
    def figures(self) -> TextFigures:
        """The loss per unit of the text itself."""
        return text_figures(
            self.nats, TextSize(self.characters, self.bytes, self.words, self.tokens)
        )

    @property
    def bits_per_character(self) -> float:
        """Total bits over total characters."""
        return self.figures.bits_per_character

    @property
    def bits_per_byte(self) -> float:
        """Total bits over total bytes."""
        return self.figures.bits_per_byte

    @property
    def perplexity_per_word(self) -> float | None:
        """``exp(nats / words)``, which models of any unit share; ``None`` without a word.

        With words as units it is the perplexity. Where tokens are unknown it is a lower bound, and
        so are the bits, because the unknown token is easier to predict than what it replaces.
        """
        return self.figures.perplexity_per_word

    @property
    def oov_rate(self) -> float:
        """The share of the targets that are not in the vocabulary."""
        return self.oov / self.tokens

    @property
    def perplexity(self) -> float:
        """``exp`` of the mean cross-entropy: the geometric mean of the inverse probabilities."""
        return perplexity(self.nats, self.tokens)

    @property
    def perplexity_without_unknown(self) -> float | None:
        """Perplexity of the targets that are not the unknown token; ``None`` if none is left."""
        known = self.tokens - self.unknown
        return perplexity(self.nats - self.unknown_nats, known) if known else None


def text_figures(nats: float, size: TextSize) -> TextFigures:
    """Return a total loss per character, byte and word of a text."""
    bits = nats / math.log(2)
    per_word = perplexity(nats, size.words) if size.words else None
    return TextFigures(bits / size.characters, bits / size.bytes, per_word)


def mean_figures(mean: float, size: TextSize) -> TextFigures:
    """Return a mean loss per unit of a text, as if it were that of each of its targets."""
    return text_figures(mean * size.tokens, size)


def perplexity(nats: float, tokens: int) -> float:
    """``exp(nats / tokens)``; infinite if that is too large for a float."""
    try:
        return math.exp(nats / tokens)
    except OverflowError:
        return math.inf


def perplexity_of(log_probs: Array) -> float:
    """Return the perplexity of tokens with these natural logs."""
    return perplexity(-float(log_probs.sum()), len(log_probs))


def mean_nats(network: Rnnlm, blocks: TextBlocks, poll: Callable[[], None] = lambda: None) -> float:
    """Mean cross-entropy in nats per token, possibly NaN; ``poll`` is called per block."""
    nats, tokens = summed_nats(network, blocks, poll)
    return nats / tokens


def summed_nats(
    network: Network, blocks: TextBlocks, poll: Callable[[], None] = lambda: None
) -> tuple[float, int]:
    """Cross-entropy in nats, possibly NaN, and the number of targets; ``poll`` as above."""
    nats, tokens = 0.0, 0
    for scored in read_blocks(network, blocks):
        poll()
        log_probs = scored.counted.log_probs
        nats -= float(log_probs.sum())
        tokens += len(log_probs)
    return nats, tokens


def evaluate(model: TrainedModel, corpus: Corpus, streams: int = 1) -> Perplexity:
    """Measure an unadapted model on a text.

    Args:
        model: The model.
        corpus: The text in the model's vocabulary.
        streams: One for the exact figure, more for speed; ignored if the model reads lines.

    Raises:
        CorpusError: There are fewer than two tokens per stream.
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    edge, both = model.line_edge, model.network.bidirectional
    blocks = evaluation_blocks(corpus, streams, edge, both_ways=both)
    return summed_up(score_blocks(model.network, blocks), corpus, model.vocabulary)


def summed_up(read: Iterable[Scored], corpus: Corpus, vocabulary: Vocabulary) -> Perplexity:
    """Sum the scores of a text as it is read, with or without adaptation.

    Args:
        read: All blocks of the text.
        corpus: The text.
        vocabulary: The model's vocabulary.
    """
    return summary(corpus, vocabulary, *sums_by_type(read, vocabulary))


def sums_by_type(read: Iterable[Scored], vocabulary: Vocabulary) -> tuple[Array, Ids]:
    """Return ``nats (V,)`` and ``times (V,)`` as ``summary`` takes them, of some blocks of a text.

    Args:
        read: The blocks.
        vocabulary: The model's vocabulary.
    """
    nats, times = np.zeros(len(vocabulary)), np.zeros(len(vocabulary), np.int64)  # by type
    for scored in read:
        targets, log_probs = scored.counted
        nats += np.bincount(targets, -log_probs, len(vocabulary))
        times += np.bincount(targets, minlength=len(vocabulary))
    return nats, times


def of_log_probs(corpus: Corpus, vocabulary: Vocabulary, counted: Counted) -> Perplexity:
    """Sum the scores of all targets of a text.

    Args:
        corpus: The text.
        vocabulary: The model's vocabulary.
        counted: The targets, in any order, and their natural logs.
    """
    nats = np.bincount(counted.targets, -counted.log_probs, len(vocabulary))
    times = np.bincount(counted.targets, minlength=len(vocabulary))
    return summary(corpus, vocabulary, nats, times)


def summary(corpus: Corpus, vocabulary: Vocabulary, nats: Array, times: Ids) -> Perplexity:
    """Return the sums of an evaluation from sums per type.

    Args:
        corpus: The text.
        vocabulary: The model's vocabulary.
        nats: ``(V,)`` nats summed over the targets of each type.
        times: ``(V,)`` how often each type is a target.
    """
    unknown = vocabulary.unknown_id
    return Perplexity(
        nats=float(nats.sum()),
        tokens=int(times.sum()),
        oov=corpus.oov,
        unknown=int(times[unknown]),
        unknown_nats=float(nats[unknown]),
        characters=corpus.characters,
        bytes=corpus.bytes,
        words=corpus.words,
        bands=tuple(frequency_bands(vocabulary, nats, times)),
    )


def frequency_bands(vocabulary: Vocabulary, nats: Array, times: Ids) -> Iterator[Band]:
    """Sum nats by how often a target occurs in the training text: never, below 10, 100, ..."""
    edges = [0, 1]
    while edges[-1] <= vocabulary.counts.max(initial=0):
        edges.append(10 * edges[-1])
    for at_least, below in pairwise(edges):
        members = (vocabulary.counts >= at_least) & (vocabulary.counts < below)
        if tokens := int(times[members].sum()):
            last = below == edges[-1]
            yield Band(at_least, None if last else below, tokens, float(nats[members].sum()))
