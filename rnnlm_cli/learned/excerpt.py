"""The beginning of a text, token by token, and how a model reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from rnnlm_cli.data.lines import LONGEST_LINE, both_ways
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.lines import gathered
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import Ids
from rnnlm_cli.text.pieces import Piece


class Excerpt(NamedTuple):
    """The first ``n`` tokens of a text."""

    tokens: list[str]  # as written in the text, with the ends of lines
    ids: Ids  # (n,)

    def part(self, begin: int, end: int) -> Excerpt:
        """Return the tokens ``begin`` to ``end - 1``."""
        return Excerpt(self.tokens[begin:end], self.ids[begin:end])


class Part(NamedTuple):
    """Tokens that a model reads from the zero state."""

    inputs: Ids  # (T,), or (2, T) for both directions
    where: slice  # the tokens of the excerpt that it scores, or whose units are seen
    given: int  # leading inputs that are not tokens of the excerpt: 1 for an end of line before it


def read_excerpt(model: TrainedModel, pieces: Iterable[Piece], most: int) -> Excerpt:
    """Return the first tokens of a text; no more of it is read than they need.

    Args:
        model: Gives codec and vocabulary.
        pieces: The text.
        most: How many tokens at most.

    Raises:
        UsageError: The text has no token.
        CorpusError: It is not in its encoding.
    """
    tokens: list[str] = []
    for (line,) in gathered(model, pieces, 1, count=lambda line: 1):
        tokens += line.tokens
        if len(tokens) >= most:
            break
    if not tokens:
        raise UsageError("the text has no token; use another one")
    return Excerpt(tokens[:most], model.vocabulary.ids_of(tokens[:most]))


def parts_of(model: TrainedModel, excerpt: Excerpt, streams: int = 1) -> Iterator[Part]:
    """Split an excerpt into what the model reads from the zero state, as it was trained.

    A model that was trained on single lines reads each of them after an end of line; one that is
    bidirectional reads each line from both sides, and does not see the ends of lines. Any other
    model reads all of it, after an end of line if it knows one: the excerpt is the beginning of a
    text.

    Args:
        model: The model.
        excerpt: The text.
        streams: The number of parts of what is not read by lines.
    """
    ids, count = excerpt.ids, len(excerpt.ids)
    if model.line_edge is None:
        start = [model.line_start()] if model.knows_line_end else []
        edges = np.linspace(0, count, min(streams, count) + 1).astype(int).tolist()
        for begin, end in pairwise(edges):
            yield Part(np.array([*start, *ids[begin:end]], np.int64), slice(begin, end), len(start))
        return
    edge = model.line_start()
    ends = (np.flatnonzero(ids == edge) + 1).tolist()
    for begin, end in pairwise(sorted({0, *ends, count})):
        if not model.network.bidirectional:
            yield Part(np.array([edge, *ids[begin:end]], np.int64), slice(begin, end), 1)
            continue
        stop = end - (ids[end - 1] == edge)
        for first in range(begin, stop, LONGEST_LINE):
            last = min(first + LONGEST_LINE, stop)
            words = ids[first:last].astype(np.int64)[:, np.newaxis]
            yield Part(both_ways(words, edge)[..., 0], slice(first, last), 0)


def written(model: TrainedModel, tokens: Iterable[str]) -> list[str]:
    """Return what each token adds to the text: the separator before it, and itself."""
    decoder = model.codec.decoder()
    return [decoder(token) for token in tokens]
