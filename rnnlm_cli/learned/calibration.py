"""Whether a model's probabilities are what they say: of what it calls 30 %, does 30 % come?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from rnnlm_cli.checks import Range
from rnnlm_cli.evaluate.stream import evaluation_blocks, score_blocks
from rnnlm_cli.model import checked_log_probs
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.arrays import IGNORED, Array, Ids
from rnnlm_cli.text.corpus import Corpus

TOKENS = Range(10, whole=True)
"""How many targets."""

BINS = 10
"""Bins of equal width for the likeliest token."""

PER_DECADE = 2
"""Bins per power of ten for all tokens."""

DECADES = 7
"""Powers of ten below 1; what is less likely is in the first bin."""

VALUES = 1 << 22
"""Probabilities in memory at once."""

TEMPERATURES = np.round(np.arange(0.6, 1.625, 0.05), 2)
"""Those that are tried."""

FITTED_ROWS = 64
"""Per block, the targets that temperatures are tried on; it takes a distribution for each."""


class Bin(NamedTuple):
    """Predictions of similar probability."""

    predictions: int
    predicted: float  # their mean probability
    observed: float  # the share of them that came true
    error: float  # standard error of ``observed``


class Calibration(NamedTuple):
    """Whether probabilities are what they say.

    Attributes:
        tokens: How many targets.
        likeliest: The likeliest token at each target, by its probability (Guo et al., 2017).
        every: Every token of the vocabulary at each target, by its probability.
        expected_error: ECE of ``likeliest``: the mean of ``|observed - predicted|``, by count.
        nats: The mean of ``-log p`` of the targets.
        entropy: The mean of ``-log p`` that the model expects: its entropy. It is that of
            ``nats`` for a model that is right about its own doubts (Braverman et al., 2020).
        temperature: The temperature, among ``TEMPERATURES``, with the lowest loss on every other
            target of those tried: above 1 the model is too sure, below 1 not sure enough.
        nats_tried: The mean of ``-log p`` of the other ones, held out, at temperature 1.
        nats_scaled: The same at ``temperature``.
    """

    tokens: int
    likeliest: list[Bin]
    every: list[Bin]
    expected_error: float
    nats: float
    entropy: float
    temperature: float
    nats_tried: float
    nats_scaled: float


def measure_calibration(
    model: TrainedModel,
    text: Corpus,
    most: int,
    poll: Callable[[int], object] = lambda tokens: None,
) -> Calibration:
    """Compare a model's probabilities with what comes.

    Args:
        model: The model; a bidirectional one is asked for each token of a line, given the others.
        text: The text.
        most: How many targets at most, from its beginning.
        poll: Called with the number of targets that were read.

    Raises:
        CorpusError: The text has fewer than two tokens.
        DivergedError: The model has diverged.
    """
    sums = _Sums()
    both = model.network.bidirectional
    for scored in score_blocks(
        model.network, evaluation_blocks(text, 1, model.line_edge, both_ways=both)
    ):
        counts = scored.block.targets != IGNORED
        h, targets = scored.h[counts], scored.block.targets[counts]
        h, targets = h[: most - sums.tokens], targets[: most - sums.tokens]
        rows = max(1, VALUES // len(model.vocabulary))
        for begin in range(0, len(targets), rows):
            with model.network.running():
                log_probs = model.network.output.log_probs(h[begin : begin + rows])  # (n, V)
            sums.add(checked_log_probs(log_probs), targets[begin : begin + rows])
        poll(len(targets))
        if sums.tokens >= most:
            break
    return sums.result()


class _Sums:
    """The sums of a calibration, block by block."""

    def __init__(self) -> None:
        self.tokens = 0
        self._nats = self._entropy = 0.0
        self._top = np.zeros((3, BINS))  # count, sum of p, how many came true
        self._every = np.zeros((3, PER_DECADE * DECADES))
        self._tried = np.zeros((2, len(TEMPERATURES)))  # nats of the fitted ones and the others
        self._rows = np.zeros(2)

    def add(self, log_probs: Array, targets: Ids) -> None:
        """Add distributions ``(n, V)`` and what came."""
        rows = np.arange(len(targets))
        p, own = np.exp(log_probs), log_probs[rows, targets]
        self.tokens += len(targets)
        self._nats -= float(own.sum(dtype=np.float64))
        self._entropy -= float(np.sum(p * np.where(p > 0, log_probs, 0), dtype=np.float64))
        best = log_probs.argmax(axis=1)
        sure = p[rows, best].astype(np.float64)
        _count(self._top, np.minimum((sure * BINS).astype(int), BINS - 1), sure, best == targets)
        places = _decades(log_probs)
        flat = places.ravel()
        self._every[0] += np.bincount(flat, minlength=self._every.shape[1])
        self._every[1] += np.bincount(flat, p.ravel(), self._every.shape[1])
        self._every[2] += np.bincount(places[rows, targets], minlength=self._every.shape[1])
        self._try(log_probs[:FITTED_ROWS], targets[:FITTED_ROWS])

    def _try(self, log_probs: Array, targets: Ids) -> None:
        rows, half = np.arange(len(targets)), np.arange(len(targets)) % 2
        self._rows += np.bincount(half, minlength=2)
        for k, temperature in enumerate(TEMPERATURES):
            scaled = log_probs / np.float32(temperature)
            top = scaled.max(axis=1)
            total = top + np.log(np.exp(scaled - top[:, np.newaxis]).sum(axis=1))
            nats = total - scaled[rows, targets]
            self._tried[:, k] += np.bincount(half, nats, 2)

    def result(self) -> Calibration:
        """Return the figures."""
        top, every = _bins(self._top), _bins(self._every)
        error = (
            sum(one.predictions * abs(one.observed - one.predicted) for one in top) / self.tokens
        )
        fitted, others = self._tried / np.maximum(self._rows, 1)[:, np.newaxis]
        k, plain = int(fitted.argmin()), int(np.abs(TEMPERATURES - 1).argmin())
        return Calibration(
            self.tokens,
            top,
            every,
            error,
            self._nats / self.tokens,
            self._entropy / self.tokens,
            float(TEMPERATURES[k]),
            float(others[plain]),
            float(others[k]),
        )


def _decades(log_probs: Array) -> Ids:
    """Return the bin of each probability, by its power of ten."""
    last = PER_DECADE * DECADES - 1
    scale = PER_DECADE / np.log(10)
    places = np.floor(log_probs * np.float32(scale)) + (last + 1)
    return np.asarray(np.clip(places, 0, last), np.int64)


def _count(sums: Array, places: Ids, p: Array, came: Array) -> None:
    size = sums.shape[1]
    sums[0] += np.bincount(places, minlength=size)
    sums[1] += np.bincount(places, p, size)
    sums[2] += np.bincount(places, came, size)


def _bins(sums: Array) -> list[Bin]:
    """Return the bins that have something, the least likely first."""
    found = []
    for count, p, came in sums.T.tolist():
        if count:
            share = came / count
            found.append(Bin(int(count), p / count, share, (share * (1 - share) / count) ** 0.5))
    return found
