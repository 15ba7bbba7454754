"""Token scores line by line, in memory that does not grow with the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.dealing import Deal, alone
from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text import reader
from rnnlm_cli.text.pieces import Piece

AT_ONCE = 512
"""Tokens, or independent lines, that are scored together."""

LONGEST = 1 << 22
"""Maximum characters of an independent line: a book of a thousand pages."""


class ScoredLine(NamedTuple):
    """A line, or a part of a very long one, with a score per token."""

    tokens: list[str]  # as written in the text, with the end of the line
    ids: Ids  # (n,)
    log_probs: Array  # (n,) float64 natural logs; nan for the one token without a score
    ends_line: bool


def score_lines(
    model: TrainedModel,
    pieces: Iterable[Piece],
    independent: bool = False,
    at_once: int = AT_ONCE,
    deal: Deal = alone,
) -> Iterator[ScoredLine]:
    """Score every token of a text.

    Args:
        model: A left-to-right model.
        pieces: The text.
        independent: Read each line from the zero state, after an end of line; else the state is
            carried from line to line, and the text's very first token has no score.
        at_once: How many tokens or lines to score together; 1 yields each line as soon as it is
            read.
        deal: Who scores independent lines.

    Raises:
        UsageError: ``independent``, and the model has no end-of-line token.
    """
    model.require_left_to_right("score a text from left to right; see rnnlm eval perplexity")
    if independent:
        return each_line(model, pieces, at_once, deal)
    return read_on(model, pieces, at_once=at_once)


def read_on(
    model: TrainedModel, pieces: Iterable[Piece], start: int | None = None, at_once: int = AT_ONCE
) -> Iterator[ScoredLine]:
    """Score a text as one stream.

    Args:
        model: A left-to-right model.
        pieces: The text.
        start: The id to read before the text; ``None`` leaves its first token without a score.
        at_once: How many tokens to score together.
    """
    network, state = model.network, model.network.initial_state(1)
    last: Ids = np.array([] if start is None else [start], np.int64)  # the token before
    for lines in gathered(model, pieces, at_once, count=lambda line: len(line.ids)):
        ids = np.concatenate([last, *(line.ids for line in lines)])
        scores = np.full(len(ids), np.nan)
        scores[1:], state = score_stream(network, ids, state)
        place, last = len(last), ids[-1:]
        for line in lines:
            yield line._replace(log_probs=scores[place : place + len(line.ids)])
            place += len(line.ids)


def each_line(
    model: TrainedModel, pieces: Iterable[Piece], at_once: int, deal: Deal = alone
) -> Iterator[ScoredLine]:
    """Score each line by itself."""
    start = model.line_start()

    def scored(lines: list[ScoredLine]) -> list[ScoredLine]:
        scores = score_sequences(model.network, [line.ids for line in lines], start)
        pairs = zip(lines, scores, strict=True)
        return [line._replace(log_probs=log_probs) for line, log_probs in pairs]

    for lines in deal(scored, gathered(model, whole_lines(pieces), at_once, lambda line: 1)):
        yield from lines


def whole_lines(pieces: Iterable[Piece], name: str = "the text") -> Iterator[Piece]:
    """Join the parts of long lines; the last line may lack its end.

    Args:
        pieces: The text.
        name: Its name in messages.

    Raises:
        CorpusError: A line is longer than ``LONGEST``.
    """
    remedy = ", and lines are scored whole; break it into lines, or see rnnlm eval perplexity"
    return reader.whole_lines(pieces, LONGEST, name, remedy)


def gathered(
    model: TrainedModel, pieces: Iterable[Piece], most: int, count: Callable[[ScoredLine], int]
) -> Iterator[list[ScoredLine]]:
    """Split pieces into tokens, without scores yet; yield batches of about ``most``.

    Args:
        model: Gives codec and vocabulary.
        pieces: The text.
        most: When a batch counts at least this much, it is yielded.
        count: What a line counts.
    """
    lines: list[ScoredLine] = []
    size = 0
    for piece in pieces:
        tokens = model.codec.tokens(piece)
        ids = model.vocabulary.ids_of(tokens)
        lines.append(ScoredLine(tokens, ids, np.empty(0), piece.ends_line))
        size += count(lines[-1])
        if size >= most:
            yield lines
            lines, size = [], 0
    if lines:
        yield lines
