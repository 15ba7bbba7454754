"""Generating text with a saved model: words in, words out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.sampling import sample


@dataclass
class Sample:
    """A text as it grows.

    Attributes:
        seed: Of the generator that draws it.
        tokens: The start and what was drawn.
        log_probs: Natural logs of the drawn ones, the model's own.
    """

    seed: int
    tokens: list[str]
    log_probs: list[float] = field(default_factory=list)


def look_up_start(saved: SavedModel, start: str, allow_unknown: bool = False) -> list[str]:
    """Cut a start into tokens that the model knows.

    Args:
        saved: The model.
        start: Words, or characters.
        allow_unknown: Take the unknown token for one that the model does not know.

    Raises:
        UsageError: The start is empty, or a token is not in the vocabulary.
    """
    tokens = saved.tokenizer.words(start)
    if not tokens:
        raise UsageError("--start: is empty; give at least one token for the model to go on from")
    return known_tokens(saved, tokens, "--start", allow_unknown)


def known_tokens(
    saved: SavedModel, tokens: Sequence[str], place: str, allow_unknown: bool = False
) -> list[str]:
    """Return tokens that the model knows.

    Args:
        saved: The model.
        tokens: What was given.
        place: Where, for the message.
        allow_unknown: Take the unknown token for one that the model does not know.

    Raises:
        UsageError: A token is not in the vocabulary.
    """
    vocabulary = saved.vocabulary
    if allow_unknown:
        return [token if token in vocabulary else vocabulary.unknown for token in tokens]
    for token in tokens:
        if token not in vocabulary:
            near = vocabulary.near(token)
            hint = f"near ones are {', '.join(near)}; " if near else ""
            raise UsageError(
                f"{place}: {token!r} is not in the model's vocabulary; {hint}"
                f"--allow-unknown takes {vocabulary.unknown} for it"
            )
    return list(tokens)


def generate(
    saved: SavedModel,
    start: Sequence[str],
    length: int,
    seeds: Sequence[int],
    filters: Sequence[Filter] = (),
) -> Iterator[list[Sample]]:
    """Generate texts side by side; give all of them, first as they begin, then after each token.

    Args:
        saved: The model.
        start: Tokens it knows, at least one.
        length: How many tokens to draw.
        seeds: One a text.
        filters: What changes the odds, applied in this order.
    """
    vocabulary, model = saved.vocabulary, saved.model
    samples = [Sample(seed, list(start)) for seed in seeds]
    ids = [vocabulary.index[token] for token in start]
    rngs = [np.random.default_rng(seed) for seed in seeds]
    draws = sample(model.next_log_probs, model.initial_state(len(seeds)), ids, rngs, filters)
    yield samples
    for drawn in islice(draws, length):
        for k, text in enumerate(samples):
            text.tokens.append(vocabulary.tokens[drawn.ids[k]])
            text.log_probs.append(float(drawn.log_probs[k]))
        yield samples
