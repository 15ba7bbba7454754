"""What an encoder-decoder writes for a line: greedily, many lines at once, or by beam search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rnnlm_cli.generate.beam import beam_search
from rnnlm_cli.model.encoder_decoder import EncoderDecoder
from rnnlm_cli.nn.state import of_streams
from rnnlm_cli.system.arrays import IGNORED, Array, Ids


class Decoded(NamedTuple):
    """A target that was written for a source.

    Attributes:
        ids: What was written; the end of the line is the last, if it was reached.
        log_probs: Natural log of each.
    """

    ids: list[int]
    log_probs: list[float]


def longest_target(source: int) -> int:
    """Return the maximum tokens that are written for a source of ``source`` tokens."""
    return 2 * source + 50


def greedy(
    network: EncoderDecoder, sources: Sequence[Ids], end: int, lengths: Sequence[int]
) -> list[Decoded]:
    """Write the most likely token at each step, for all sources at once.

    Args:
        network: The network.
        sources: Ids ``(S,)`` of each line, at least one each.
        end: The id of the end of a line; the decoder also reads it first.
        lengths: Maximum tokens for each.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    limits = np.array(lengths)
    found = [Decoded([], []) for _ in sources]
    going = np.arange(len(sources))
    with network.running():
        state = network.start(padded(sources))
    ids = np.full((1, len(sources)), end)
    with network.unchanged():
        for step in range(1, limits.max() + 1):
            log_probs, state = network.next_log_probs(ids, state)
            best = log_probs.argmax(axis=1)  # (B,)
            for line, token, row in zip(going.tolist(), best.tolist(), log_probs, strict=True):
                found[line].ids.append(token)
                found[line].log_probs.append(float(row[token]))
            stays = np.flatnonzero((best != end) & (step < limits[going]))
            if not len(stays):
                break
            if len(stays) < len(going):
                going, state = going[stays], of_streams(state, stays)
            ids = best[np.newaxis, stays]
    return found


def best_targets(
    network: EncoderDecoder, source: Ids, end: int, length: int, width: int, penalty: float = 1.0
) -> list[Decoded]:
    """Return the most likely targets that beam search finds, the best first.

    Args:
        network: The network.
        source: Ids ``(S,)``, at least one.
        end: The id of the end of a line; the decoder also reads it first.
        length: Maximum number of tokens.
        width: How many targets the beam keeps.
        penalty: See ``beam_search``.

    Raises:
        DivergedError: The model has diverged (see ``model/bounds.py``).
    """
    with network.running():
        state = network.start(padded([source]))
    with network.unchanged():
        beams = beam_search(
            network.next_log_probs,
            state,
            [],
            width,
            length,
            ends=lambda ids: ids[-1] == end,
            penalty=penalty,
            before=[end],
        )
    return [Decoded(beam.ids, beam.log_probs) for beam in beams]


def attention_of(network: EncoderDecoder, source: Ids, target: Sequence[int], end: int) -> Array:
    """Return how much each token of a target looks at each token of its source, ``(T, S)``.

    Each row has the sum 1. The network must have attention.
    """
    ids = np.array([end, *target[:-1]])[:, np.newaxis]
    with network.running():
        weights: Array = network.attention(source[np.newaxis], ids)[0]
    return weights


def padded(lines: Sequence[Ids]) -> Ids:
    """Return lines side by side, ``(B, S)``, with -1 after the end of each."""
    found = np.full((len(lines), max(map(len, lines))), IGNORED)
    for row, line in zip(found, lines, strict=True):
        row[: len(line)] = line
    return found
