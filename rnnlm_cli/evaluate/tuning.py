"""Grid search for settings of the cache and of dynamic evaluation on a validation text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, product
from typing import NamedTuple, Protocol

import numpy as np

from rnnlm_cli.errors import TrainingError
from rnnlm_cli.evaluate.adaptation import adapted_scorer
from rnnlm_cli.evaluate.dealing import Deal, alone
from rnnlm_cli.evaluate.dynamic import DynamicSettings
from rnnlm_cli.evaluate.neural_cache import CacheSettings, NeuralCache, mix
from rnnlm_cli.evaluate.perplexity import perplexity, text_figures
from rnnlm_cli.evaluate.stream import Scored, evaluation_blocks, score_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.gradient_rms import GradientRms
from rnnlm_cli.model.history import TextFigures
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.text.target_sizes import TextSize


class Tried(NamedTuple):
    """Settings and the resulting perplexity."""

    settings: CacheSettings | DynamicSettings | None  # None for the unadapted model
    perplexity: float
    figures: TextFigures | None = None  # the same loss per unit of the text

    @classmethod
    def of(
        cls,
        settings: CacheSettings | DynamicSettings | None,
        nats: float,
        tokens: int,
        size: TextSize | None,
    ) -> Tried:
        """Return settings with the total loss of a text, whose size may not be known."""
        figures = None if size is None else text_figures(nats, size)
        return cls(settings, perplexity(nats, tokens), figures)


def tune_cache(
    network: Rnnlm,
    text: Corpus,
    sizes: Sequence[int],
    thetas: Sequence[float],
    weights: Sequence[float],
    size: TextSize | None = None,
    deal: Deal = alone,
) -> Iterator[Tried]:
    """Try no cache first, then every size, theta and weight.

    Args:
        network: A left-to-right network.
        text: The text.
        sizes: Tokens in the cache.
        thetas: How sharp the cache is.
        weights: Weights of the cache.
        size: The size of the text's targets; without, there are no figures per byte.
        deal: Who tries the sizes and thetas.
    """
    read = list(score_blocks(network, evaluation_blocks(text)))
    log_probs = np.concatenate([scored.counted.log_probs for scored in read])
    yield Tried.of(None, -float(log_probs.sum()), len(log_probs), size)

    def tried(caches: list[tuple[int, float]]) -> list[list[Tried]]:
        return [[*with_cache(*one)] for one in caches]

    def with_cache(cached: int, theta: float) -> Iterator[Tried]:
        cache = NeuralCache(cached, theta)
        of_cache = np.concatenate([cache.read(scored) for scored in read])
        for weight in weights:
            nats = -float(mix(log_probs, of_cache, weight).sum())
            yield Tried.of(CacheSettings(cached, theta, weight), nats, len(log_probs), size)

    for found in deal(tried, ([one] for one in product(sizes, thetas))):
        yield from chain(*found)


class Squares(Protocol):
    """Gives the root mean squares of the gradients of training."""

    def __call__(self, segment: int, /) -> GradientRms:
        """Return those of segments of some tokens."""


def tune_dynamic(
    network: Rnnlm,
    text: Corpus,
    grid: Sequence[DynamicSettings],
    rms: Squares | None = None,
    cache: CacheSettings | None = None,
    size: TextSize | None = None,
    deal: Deal = alone,
) -> Iterator[Tried]:
    """Try the unadapted model first, then every setting; divergence counts as infinite.

    Args:
        network: A left-to-right network.
        text: The text.
        grid: What to try; settings of one segment are neighbours.
        rms: Called once per segment, if gradients are divided by their root mean squares.
        cache: A cache to use in addition, everywhere.
        size: The size of the text's targets; without, there are no figures per byte.
        deal: Who tries the settings.
    """
    tokens = len(text) - 1
    unadapted, at_once = adapted_scorer(cache, None)
    blocks = evaluation_blocks(text, tokens=at_once)
    yield Tried.of(None, total_nats(unadapted(network, blocks)), tokens, size)

    def nats_with(settings: DynamicSettings, squares: GradientRms | None) -> float:
        score, segment = adapted_scorer(cache, settings, squares)
        try:
            return total_nats(score(network, evaluation_blocks(text, tokens=segment)))
        except TrainingError:
            return np.inf

    for segment, same in groupby(grid, lambda settings: settings.segment):
        squares = rms(segment) if rms else None

        def tried(
            several: list[DynamicSettings], squares: GradientRms | None = squares
        ) -> list[Tried]:
            found = ((one, nats_with(one, squares)) for one in several)
            return [Tried.of(settings, nats, tokens, size) for settings, nats in found]

        for found in deal(tried, ([one] for one in same)):
            yield from found


def total_nats(read: Iterable[Scored]) -> float:
    """Return the total cross-entropy of a text, in nats."""
    return -sum(float(scored.log_probs.sum()) for scored in read)
