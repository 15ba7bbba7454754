"""Perplexity: every target counted once, nats summed in float64, one division at the end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rnnlm_cli.model import Rnnlm
from rnnlm_cli.nn.layer import Array
from rnnlm_cli.nn.threads import one_blas_thread
from rnnlm_cli.text.blocks import IGNORED, Block, Blocks, LineBlocks, TextBlocks
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.tokenizer import Tokenizer
from rnnlm_cli.text.vocabulary import Vocabulary

BLOCK_TOKENS = 512
"""Tokens in a block: enough rows for an efficient output product, few enough to stay small."""


@dataclass(frozen=True)
class Perplexity:
    """The sums of an evaluation; what is reported is derived from them.

    Attributes:
        nats: ``-log p`` summed over all targets.
        tokens: How many targets.
        oov: Targets that are not in the vocabulary, each scored as the unknown token.
        unknown: Targets that are the unknown token, literally or in place of an oov.
        unknown_nats: The part of ``nats`` that is theirs.
        characters: Characters of all targets as the text has them, a separator after each word.
    """

    nats: float
    tokens: int
    oov: int
    unknown: int
    unknown_nats: float
    characters: int

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
    mean = nats / tokens
    return math.inf if mean > 700 else math.exp(mean)


def evaluation_blocks(
    corpus: Corpus, streams: int = 1, end_of_line: int | None = None
) -> TextBlocks:
    """Lay a text out for evaluation.

    One stream is exact: every token is predicted from all that stand before it. With more, the
    first token of each stream is predicted from the end of the stream before, with a fresh state.

    Args:
        corpus: The text.
        streams: How many; lines that are read for themselves are not cut into streams.
        end_of_line: The id that ends a line, for a model that reads each for itself.

    Raises:
        CorpusError: There are fewer than two tokens a stream.
    """
    if end_of_line is not None:
        return LineBlocks(corpus, end_of_line, BLOCK_TOKENS)
    return Blocks(corpus, streams, max(1, BLOCK_TOKENS // streams))


def score_blocks(model: Rnnlm, blocks: TextBlocks) -> Iterator[tuple[Block, Array]]:
    """Give each block with the natural logs ``(T, B)`` of its targets; the state is carried."""
    state = model.initial_state(blocks.streams)
    for block in blocks:
        if not blocks.continuous:
            state = model.initial_state(block.streams)
        with one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
            h, state, _ = model.forward(block.inputs, state)
            log_probs = model.output.target_log_probs(h, block.targets)
        yield block, log_probs


def mean_nats(model: Rnnlm, blocks: TextBlocks, poll: Callable[[], None] = lambda: None) -> float:
    """Mean cross-entropy in nats a token; ``poll`` is called before each block."""
    nats, tokens = 0.0, 0
    for block, log_probs in score_blocks(model, blocks):
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
) -> Perplexity:
    """Measure a model on a text.

    Args:
        model: The network.
        corpus: The text in the model's vocabulary.
        vocabulary: The model's.
        tokenizer: The model's.
        streams: One for the exact figure, more for a fast one; a bidirectional model has none.
        on_block: Called with the number of targets after each block.

    Raises:
        CorpusError: There are fewer than two tokens a stream.
    """
    nats = unknown_nats = 0.0
    tokens = unknown = 0
    end = tokenizer.end_of_line if model.bidirectional else None
    end_of_line = None if end is None else vocabulary.index[end]
    blocks = evaluation_blocks(corpus, streams, end_of_line)
    for block, log_probs in score_blocks(model, blocks):
        is_unknown = block.targets == vocabulary.unknown_id
        counted = int(np.count_nonzero(block.targets != IGNORED))
        nats -= float(log_probs.sum())
        unknown_nats -= float(log_probs[is_unknown].sum())
        tokens += counted
        unknown += int(np.count_nonzero(is_unknown))
        on_block(counted)
    characters = count_characters(corpus, vocabulary, tokenizer, end_of_line)
    return Perplexity(nats, tokens, corpus.oov, unknown, unknown_nats, characters)


def count_characters(
    corpus: Corpus, vocabulary: Vocabulary, tokenizer: Tokenizer, no_target: int | None = None
) -> int:
    """Count the characters of the targets, oov ones as they stand in the text.

    Args:
        corpus: The text.
        vocabulary: The model's.
        tokenizer: The model's.
        no_target: An id that is never a target: the end of a line that is read for itself.
    """
    lengths = np.array([tokenizer.characters(token) for token in vocabulary.tokens])
    times = np.bincount(corpus.ids[corpus.given :], minlength=len(vocabulary))
    if no_target is not None:
        times[no_target] = 0
    as_unknown = corpus.oov * int(lengths[vocabulary.unknown_id])
    return int(times @ lengths) - as_unknown + corpus.oov_characters
