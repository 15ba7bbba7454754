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
from rnnlm_cli.config import Config
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.interpolation import fit_weights
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.generate.sampling import sample
from rnnlm_cli.generate.start import before_start
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.ngrams.kneser_ney import Discounts, estimate
from rnnlm_cli.ngrams.mixed import mixed
from rnnlm_cli.ngrams.text_model import TextModel, estimate_text
from rnnlm_cli.system.arrays import Ids

STREAMS = 64
"""Texts that are written side by side."""

TOKENS = Range(STREAMS, 2**31 - 1, whole=True)


class Generated(NamedTuple):
    """An n-gram model of text that a network wrote, as a part of a mixture."""

    tokens: int  # that it is estimated from
    weight: float  # its own; the model of the training text has the rest
    discounts: list[Discounts]  # per order
    counted: list[int]  # distinct n-grams of the generated text, per order


def estimate_ngrams(
    config: Config,
    order: int,
    prune: Sequence[int] = (),
    network: TrainedModel | None = None,
    generated: int | None = None,
    seed: int = 1,
) -> tuple[TextModel, Generated | None]:
    """Estimate an n-gram model of a configuration's training text, or a mixture that has it.

    Args:
        config: Names the text.
        order: The length of the longest n-grams.
        prune: See ``estimate``.
        network: Take codec and vocabulary of this model.
        generated: Mix with the model of this many tokens that the network writes.
        seed: Of the generated text.

    Raises:
        UsageError, CorpusError: As ``estimate_text`` and ``approximate``; or there is no network
            to write the text.
    """
    if generated is None:
        return estimate_text(config, order, prune, network), None
    if network is None:
        raise UsageError(
            "there is no model that writes", field="generated", remedy="name it with {checkpoint}"
        )
    return approximate(config, order, network, generated, seed, prune)


def approximate(
    config: Config,
    order: int,
    network: TrainedModel,
    tokens: int,
    seed: int,
    prune: Sequence[int] = (),
) -> tuple[TextModel, Generated]:
    """Mix a text's n-gram model with that of text that a network writes, as one model.

    The weight is fitted on the validation text. The discounts and counts of the mixture are those
    of the training text.

    Args:
        config: Names the text.
        order: The length of the longest n-grams.
        network: Reads from left to right.
        tokens: How many to write; fewer are used, since unfinished lines are dropped.
        seed: Of the first stream; stream k has ``seed + k``.
        prune: See ``estimate``.

    Raises:
        UsageError: A number is out of range, there is no validation text, or the network cannot
            write lines.
        CorpusError: As ``estimate_text``.
    """
    TOKENS.check("generated", tokens)
    SEED.check("seed", seed)
    if config.corpus.valid is None:
        raise UsageError(
            "corpus.valid: there is no validation text to fit the mixture on",
            remedy="set it to a file or a fraction such as 0.05",
        )
    network.require_left_to_right("write text from left to right")
    end = network.line_start()
    text_model = estimate_text(config, order, prune, network)
    valid, own = text_model.texts.valid, text_model.estimate.model
    assert valid is not None
    text = whole_lines(written(network, tokens, seed), end)
    other = estimate(text, end, own.types - 1, order, prune)
    of_text = replace(text_model, estimate=other)
    weight, rest = fit_weights(np.stack([text_model.log_probs(valid), of_text.log_probs(valid)]))
    both = replace(text_model.estimate, model=mixed(own, other.model, weight))
    generated = Generated(len(text), rest, other.discounts, other.counted)
    return replace(text_model, estimate=both), generated


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
