"""An n-gram model that comes nearer to a network, by text that the network writes.

Deoras, Mikolov, Kombrink, Karafiat and Khudanpur (2011), "Variational approximation of long-span
language models for LVCSR": of all n-gram models, the one that is estimated from a network's own
text comes nearest to the network. Mixed with that of the training text it predicts better than
either, so a decoder can use some of what the network knows in its first pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.interpolation import fit_weights
from rnnlm_cli.generate.sampling import sample
from rnnlm_cli.generate.start import before_start
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.ngrams.kneser_ney import estimate
from rnnlm_cli.ngrams.mixed import mixed
from rnnlm_cli.ngrams.text_model import TextModel
from rnnlm_cli.system.arrays import Ids

STREAMS = 64
"""Texts that are written side by side."""

TOKENS = Range(STREAMS, 2**31 - 1, whole=True)


class Approximation(NamedTuple):
    """A mixture of a text's n-gram model and of that of a network's own text."""

    model: TextModel
    weight: float  # of the model of the text
    tokens: int  # that were used of what the network wrote


def approximate(
    text_model: TextModel,
    network: TrainedModel,
    tokens: int,
    seed: int,
    prune: Sequence[int] = (),
) -> Approximation:
    """Mix a text's n-gram model with that of text that a network writes, as one model.

    The weight is fitted on the validation text.

    Args:
        text_model: Has the tokens of the network.
        network: Reads from left to right.
        tokens: How many to write; fewer are used, since unfinished lines are dropped.
        seed: Of the first stream; stream k has ``seed + k``.
        prune: See ``estimate``.

    Raises:
        UsageError: ``tokens`` is out of range, there is no validation text, or the network cannot
            write lines.
    """
    TOKENS.check("generated", tokens)
    valid = text_model.texts.valid
    if valid is None:
        raise UsageError(
            "corpus.valid: there is no validation text to fit the mixture on",
            remedy="set it to a file or a fraction such as 0.05",
        )
    network.require_left_to_right("write text from left to right")
    own, end = text_model.estimate.model, network.line_start()
    text = whole_lines(written(network, tokens, seed), end)
    other = estimate(text, end, own.types - 1, own.order, prune).model
    of_text = replace(text_model, estimate=replace(text_model.estimate, model=other))
    weight, _ = fit_weights(np.stack([text_model.log_probs(valid), of_text.log_probs(valid)]))
    both = replace(text_model.estimate, model=mixed(own, other, weight))
    return Approximation(replace(text_model, estimate=both), weight, len(text))


def written(network: TrainedModel, tokens: int, seed: int) -> Ids:
    """Return text that a network writes, ``(T, STREAMS)``; each stream begins a line."""
    start, rngs = (
        before_start(network, []),
        [np.random.default_rng(seed + k) for k in range(STREAMS)],
    )
    state = network.network.initial_state(1)
    draws = sample(network.next_log_probs, state, [], rngs, (), start)
    with network.network.unchanged():
        steps = [drawn.ids for drawn in islice(draws, -(-tokens // STREAMS))]
    return np.array(steps, np.int32)


def whole_lines(ids: Ids, end: int) -> Ids:
    """Join streams ``(T, B)``, each up to its last end of a line: ``(N,)``.

    Raises:
        UsageError: No line is finished.
    """
    last = [np.flatnonzero(stream == end)[-1:] for stream in ids.T]
    parts = [stream[: k + 1] for stream, ends in zip(ids.T, last, strict=True) for k in ends]
    if not parts:
        raise UsageError(
            f"the model finished no line in {ids.size:,} tokens",
            remedy="take more with {generated}",
        )
    return np.concatenate(parts)
