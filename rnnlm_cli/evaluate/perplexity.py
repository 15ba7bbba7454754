"""Perplexity: every target counted once, nats summed in float64, one division at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.lines import LineBlocks
from rnnlm_cli.data.streams import Block, Blocks, TextBlocks
from rnnlm_cli.model import Rnnlm, checked_log_probs
from rnnlm_cli.system.arrays import IGNORED, Array, Ids
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.tokenizer import Tokenizer
from rnnlm_cli.text.vocabulary import Vocabulary

BLOCK_TOKENS = 512
"""Tokens in a block: enough rows for an efficient output product, few enough to stay small."""


class Band(NamedTuple):
    """The targets that stood so often in the training text."""

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
    """The sums of an evaluation; what is reported is derived from them.

    Attributes:
        nats: ``-log p`` summed over all targets.
        tokens: How many targets.
        oov: Targets that are not in the vocabulary, each scored as the unknown token.
        unknown: Targets that are the unknown token, literally or in place of an oov.
        unknown_nats: The part of ``nats`` that is theirs.
        characters: Characters of all targets as the text has them, see ``text/sizes.py``.
        bytes: The same in UTF-8.
        bands: The targets by how often they stood in the training text, the rarest first.
    """

    nats: float
    tokens: int
    oov: int
    unknown: int
    unknown_nats: float
    characters: int
    bytes: int
    bands: tuple[Band, ...]

    @property
    def nats_per_token(self) -> float:
        """Mean cross-entropy."""
        return self.nats / self.tokens

    @property
    def bits_per_token(self) -> float:
        """Mean cross-entropy to base 2."""
        return self.nats_per_token / math.log(2)

    @property
    def bits_per_character(self) -> float:
        """All bits over all characters."""
        return self.nats / math.log(2) / self.characters

    @property
    def bits_per_byte(self) -> float:
        """All bits over all bytes."""
        return self.nats / math.log(2) / self.bytes

    @property
    def oov_rate(self) -> float:
        """The share of the targets that are not in the vocabulary."""
        return self.oov / self.tokens

    @property
    def perplexity(self) -> float:
        """``exp`` of the mean cross-entropy, the inverse probability as a geometric mean."""
        return perplexity(self.nats, self.tokens)

    @property
    def perplexity_without_unknown(self) -> float | None:
        """The same over the targets that are not the unknown token; ``None`` where none is left."""
        known = self.tokens - self.unknown
        return perplexity(self.nats - self.unknown_nats, known) if known else None


def perplexity(nats: float, tokens: int) -> float:
    """``exp(nats / tokens)``; infinite where that is too large for a float."""
    try:
        return math.exp(nats / tokens)
    except OverflowError:
        return math.inf


def evaluation_blocks(
    corpus: Corpus, streams: int = 1, end_of_line: int | None = None, tokens: int | None = None
) -> TextBlocks:
    """Lay a text out for evaluation.

    One stream is exact: every token is predicted from all that stand before it. With more, the
    first token of each stream is predicted from the end of the stream before, with a fresh state.

    Args:
        corpus: The text.
        streams: How many; lines that are read for themselves are not cut into streams.
        end_of_line: The id that ends a line, for a model that reads each for itself.
        tokens: About so many in a block.

    Raises:
        CorpusError: There are fewer than two tokens a stream.
    """
    tokens = tokens or BLOCK_TOKENS
    if end_of_line is not None:
        return LineBlocks(corpus, end_of_line, tokens)
    return Blocks(corpus, streams, max(1, tokens // streams))


class Scored(NamedTuple):
    """A block that has been read."""

    block: Block
    h: Array  # (T, B, H), what the output layer saw
    log_probs: Array  # (T, B) float64, natural logs of the targets; 0 where one is ignored


Scorer = Callable[[Rnnlm, TextBlocks], Iterator[Scored]]
"""Reads a text block by block."""


def score_blocks(model: Rnnlm, blocks: TextBlocks) -> Iterator[Scored]:
    """Read a text with a model as it is; the state is carried.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    for scored in _read_blocks(model, blocks):
        checked_log_probs(scored.log_probs)
        yield scored


def _read_blocks(model: Rnnlm, blocks: TextBlocks) -> Iterator[Scored]:
    state = model.initial_state(blocks.streams)
    for block in blocks:
        if not blocks.continuous:
            state = model.initial_state(block.streams)
        with model.running():
            h, state = model.read(block.inputs, state)
            log_probs = model.output.target_log_probs(h, block.targets)
        yield Scored(block, h, log_probs)


def mean_nats(model: Rnnlm, blocks: TextBlocks, poll: Callable[[], None] = lambda: None) -> float:
    """Mean cross-entropy in nats a token, which may be no number; ``poll`` is called each block."""
    nats, tokens = 0.0, 0
    for block, _, log_probs in _read_blocks(model, blocks):
        poll()
        nats -= float(log_probs.sum())
        tokens += int(np.count_nonzero(block.targets != IGNORED))
    return nats / tokens


def evaluate(
    model: Rnnlm,
    corpus: Corpus,
    vocabulary: Vocabulary,
    tokenizer: Tokenizer,
    streams: int = 1,
    on_block: Callable[[int], None] = lambda tokens: None,
    score: Scorer = score_blocks,
    block_tokens: int | None = None,
) -> Perplexity:
    """Measure a model on a text.

    Args:
        model: The network.
        corpus: The text in the model's vocabulary.
        vocabulary: The model's.
        tokenizer: The model's.
        streams: One for the exact figure, more for a fast one; a bidirectional model has none.
        on_block: Called with the number of targets after each block.
        score: How the text is read: as the model stands, or with one that adapts to it.
        block_tokens: About so many in a block.

    Raises:
        CorpusError: There are fewer than two tokens a stream.
    """
    end = tokenizer.end_of_line if model.bidirectional else None
    end_of_line = None if end is None else vocabulary.index[end]
    blocks = evaluation_blocks(corpus, streams, end_of_line, block_tokens)
    nats, times = np.zeros(len(vocabulary)), np.zeros(len(vocabulary), np.int64)  # by type
    for block, _, log_probs in score(model, blocks):
        counted = block.targets != IGNORED
        targets = block.targets[counted]
        nats += np.bincount(targets, -log_probs[counted], len(vocabulary))
        times += np.bincount(targets, minlength=len(vocabulary))
        on_block(len(targets))
    return summary(corpus, vocabulary, nats, times)


def target_log_probs(
    model: Rnnlm, corpus: Corpus, score: Scorer = score_blocks, block_tokens: int | None = None
) -> Array:
    """Return the natural logs ``(N-1,)`` of all targets of a text that is read as one stream."""
    scored = score(model, evaluation_blocks(corpus, tokens=block_tokens))
    return np.concatenate([log_probs[:, 0] for _, _, log_probs in scored])


def summary(corpus: Corpus, vocabulary: Vocabulary, nats: Array, times: Ids) -> Perplexity:
    """Sum an evaluation up.

    Args:
        corpus: The text.
        vocabulary: The model's.
        nats: ``(V,)``, summed over the targets of each type.
        times: ``(V,)``, how often each is a target.
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
        bands=tuple(frequency_bands(vocabulary, nats, times)),
    )


def frequency_bands(vocabulary: Vocabulary, nats: Array, times: Ids) -> Iterator[Band]:
    """Sum nats up by how often a target stood in the training text: never, below 10, 100, ..."""
    edges = [0, 1]
    while edges[-1] <= vocabulary.counts.max(initial=0):
        edges.append(10 * edges[-1])
    for at_least, below in pairwise(edges):
        members = (vocabulary.counts >= at_least) & (vocabulary.counts < below)
        if tokens := int(times[members].sum()):
            last = below == edges[-1]
            yield Band(at_least, None if last else below, tokens, float(nats[members].sum()))
