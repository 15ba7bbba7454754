"""Scorers that adapt to the text they read: by a cache, by learning, or by both."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.data.streams import TextBlocks
from rnnlm_cli.evaluate.dynamic import DynamicSettings, score_dynamically
from rnnlm_cli.evaluate.neural_cache import CacheSettings, with_cache
from rnnlm_cli.evaluate.stream import Counted, Scored, Scorer, score_blocks
from rnnlm_cli.model import Rnnlm
from rnnlm_cli.model.gradient_rms import GradientRms


def adapted_scorer(
    cache: CacheSettings | None, dynamic: DynamicSettings | None, rms: GradientRms | None = None
) -> tuple[Scorer, int | None]:
    """Return a scorer with a cache, dynamic evaluation or both, and its tokens per block.

    Args:
        cache: Of the cache, if there is one.
        dynamic: Of dynamic evaluation, if the model keeps learning.
        rms: Of the gradients of training, as for ``score_dynamically``.
    """

    def score(model: Rnnlm, blocks: TextBlocks) -> Iterator[Scored]:
        if dynamic:
            read = score_dynamically(model, blocks, dynamic, rms)
        else:
            read = score_blocks(model, blocks)
        return with_cache(read, cache) if cache else read

    return score, dynamic.segment if dynamic else None


def recorded(score: Scorer) -> tuple[Scorer, list[Counted]]:
    """Make a scorer record the counted targets and their natural logs, block by block.

    Returns:
        The recording scorer, and the list that it fills.
    """
    parts: list[Counted] = []

    def recording(model: Rnnlm, blocks: TextBlocks) -> Iterator[Scored]:
        for scored in score(model, blocks):
            parts.append(scored.counted)
            yield scored

    return recording, parts
