"""Checks of requests: lengths, seeds, and filters that leave a token to draw."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rnnlm_cli.checks import Range
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.filters import Filters
from rnnlm_cli.model.trained import TrainedModel

LENGTH = Range(0, 10**12, whole=True)
SEED = Range(0, whole=True)
SAMPLES = Range(1, 10**6, whole=True)


def skipped_ids(model: TrainedModel, tokens: Iterable[str]) -> list[int]:
    """Return the ids of tokens never to be drawn; one that the model does not know has none.

    Raises:
        UsageError: Nothing would be left to draw.
    """
    index = model.vocabulary.index
    forms = {form for token in tokens for form in model.codec.forms(token)}
    ids = {index[form] for form in forms & index.keys()}
    if len(ids) == len(model.vocabulary):
        raise UsageError("forbids the whole vocabulary; leave a token to draw", field="skip")
    return sorted(ids)


def check_room(model: TrainedModel, filters: Filters, start: Sequence[str], length: int) -> None:
    """Refuse a text so long that an n-gram must repeat.

    Args:
        model: The model.
        filters: The filters, with the length of n-grams that must not repeat.
        start: Known tokens.
        length: How many tokens are drawn after them.

    Raises:
        UsageError: There are fewer different n-grams than the text would have.
    """
    n, types = filters.no_repeat_ngram, len(model.vocabulary) - len(set(filters.skip))
    if not n or not types:
        return
    skipped = {model.vocabulary.tokens[k] for k in filters.skip}
    grams = (tuple(start[k : k + n]) for k in range(len(start) - n + 1))
    used = len({gram for gram in grams if not skipped.intersection(gram)})
    drawn = length - max(0, n - 1 - len(start))
    if used + drawn > 1 and n * math.log(types) < math.log(used + drawn):
        raise UsageError(
            f"with {types:,} tokens to draw from, a text of length {length:,} must repeat; use a "
            f"length of at most {length + types**n - used - drawn:,}",
            field="no_repeat_ngram",
            place=str(n),
        )
