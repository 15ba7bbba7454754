"""Grid search for settings of the cache and of dynamic evaluation on a validation text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from rnnlm_cli.errors import TrainingError
from rnnlm_cli.evaluate.dynamic import SEGMENT_TOKENS, DynamicSettings, score_dynamically
from rnnlm_cli.evaluate.neural_cache import CacheSettings, NeuralCache, mix
from rnnlm_cli.evaluate.perplexity import perplexity, perplexity_of
from rnnlm_cli.evaluate.stream import Scored, evaluation_blocks, score_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.text.corpus import Corpus


class Tried(NamedTuple):
    """Settings and the resulting perplexity."""

    settings: CacheSettings | DynamicSettings | None  # None for the unadapted model
    perplexity: float


def tune_cache(
    network: Rnnlm,
    text: Corpus,
    sizes: Sequence[int],
    thetas: Sequence[float],
    weights: Sequence[float],
) -> Iterator[Tried]:
    """Try no cache first, then every size, theta and weight."""
    read = list(score_blocks(network, evaluation_blocks(text)))
    log_probs = np.concatenate([scored.counted.log_probs for scored in read])
    yield Tried(None, perplexity_of(log_probs))
    for size, theta in product(sizes, thetas):
        cache = NeuralCache(size, theta)
        of_cache = np.concatenate([cache.read(scored) for scored in read])
        for weight in weights:
            mixed = mix(log_probs, of_cache, weight)
            yield Tried(CacheSettings(size, theta, weight), perplexity_of(mixed))


def tune_dynamic(
    network: Rnnlm, text: Corpus, rates: Sequence[float], decays: Sequence[float]
) -> Iterator[Tried]:
    """Try the unadapted model first, then every rate and decay; divergence counts as infinite."""
    tokens, blocks = len(text) - 1, evaluation_blocks(text, tokens=SEGMENT_TOKENS)
    unadapted = score_blocks(network, evaluation_blocks(text))
    yield Tried(None, perplexity(total_nats(unadapted), tokens))
    for settings in (DynamicSettings(*pair) for pair in product(rates, decays)):
        try:
            nats = total_nats(score_dynamically(network, blocks, settings))
        except TrainingError:
            nats = np.inf
        yield Tried(settings, perplexity(nats, tokens))


def total_nats(read: Iterable[Scored]) -> float:
    """Return the total cross-entropy of a text, in nats."""
    return -sum(float(scored.log_probs.sum()) for scored in read)
