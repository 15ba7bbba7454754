"""The score of every token of a text, line by line, in memory that does not grow with the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from rnnlm_cli.evaluate.sequences import score_sequences
from rnnlm_cli.evaluate.stream import score_stream
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Array, Ids
from rnnlm_cli.text import reader
from rnnlm_cli.text.reader import Piece

AT_ONCE = 512
"""Tokens, or lines that are read for themselves, to gather before they are scored."""

LONGEST = 1 << 22
"""Characters of a line that is read for itself: a book of a thousand pages."""


class ScoredLine(NamedTuple):
    """A line, or a part of a very long one, with the score of each of its tokens."""

    tokens: list[str]  # as the text has them, the end of the line among them
    ids: Ids  # (n,)
    log_probs: Array  # (n,) float64 natural logs; nan for the one token that has none
    ends_line: bool


def score_lines(
    model: TrainedModel, pieces: Iterable[Piece], independent: bool = False, at_once: int = AT_ONCE
) -> Iterator[ScoredLine]:
    """Score every token of a text.

    Args:
        model: A model that reads from the left.
        pieces: The text.
        independent: Read each line from the zero state, to which the end of a line is fed; else
            the state is carried from line to line, and the text's very first token has no score.
        at_once: How many tokens or lines to gather; 1 gives each line as soon as it is there.

    Raises:
        UsageError: Lines are to be read for themselves, and the model knows no end of a line.
    """
    model.require_left_to_right("score a text from left to right; see rnnlm eval perplexity")
    return each_line(model, pieces, at_once) if independent else carried(model, pieces, at_once)


def carried(model: TrainedModel, pieces: Iterable[Piece], at_once: int) -> Iterator[ScoredLine]:
    """Score a text as one stream."""
    network, state = model.network, model.network.initial_state(1)
    last: Ids = np.empty(0, np.int64)  # the token before
    for lines in gathered(model, pieces, at_once, count=lambda line: len(line.ids)):
        ids = np.concatenate([last, *(line.ids for line in lines)])
        scores = np.full(len(ids), np.nan)
        scores[1:], state = score_stream(network, ids, state)
        place, last = len(last), ids[-1:]
        for line in lines:
            yield line._replace(log_probs=scores[place : place + len(line.ids)])
            place += len(line.ids)


def each_line(model: TrainedModel, pieces: Iterable[Piece], at_once: int) -> Iterator[ScoredLine]:
    """Score each line for itself."""
    start = model.line_start()
    for lines in gathered(model, whole_lines(pieces), at_once, count=lambda line: 1):
        scores = score_sequences(model.network, [line.ids for line in lines], start)
        for line, log_probs in zip(lines, scores, strict=True):
            yield line._replace(log_probs=log_probs)


def whole_lines(pieces: Iterable[Piece], name: str = "the text") -> Iterator[Piece]:
    """Put the parts of long lines together; the last line may be without its end.

    Args:
        pieces: The text.
        name: What messages call it.

    Raises:
        CorpusError: A line is longer than ``LONGEST``.
    """
    remedy = ", and lines are scored whole; break it into lines, or see rnnlm eval perplexity"
    return reader.whole_lines(pieces, LONGEST, name, remedy)


def gathered(
    model: TrainedModel, pieces: Iterable[Piece], most: int, count: Callable[[ScoredLine], int]
) -> Iterator[list[ScoredLine]]:
    """Cut pieces into tokens, still without scores, and give about so many at a time."""
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
