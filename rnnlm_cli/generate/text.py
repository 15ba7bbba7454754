"""Generating text with a saved model: words in, words out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.beam import beam_search
from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.sampling import sample

Ending = Callable[[Sequence[str], int], bool]
"""Whether a text is complete: its tokens, and how many of them are the start."""


def never(tokens: Sequence[str], start: int) -> bool:
    """Go on to the full length."""
    return False


def at_token(stops: Collection[str]) -> Ending:
    """End with the first of these tokens."""
    return lambda tokens, start: len(tokens) > start and tokens[-1] in stops


def after_sentences(number: int, line_end: str) -> Ending:
    """End with the end of so many lines."""

    def ends(tokens: Sequence[str], start: int) -> bool:
        # counted at the ends of lines only, so that a long text does not cost its square
        return tokens[-1] == line_end and tokens[start:].count(line_end) >= number

    return ends


def either(*endings: Ending) -> Ending:
    """End as soon as one of them says so."""
    return lambda tokens, start: any(ends(tokens, start) for ends in endings)


@dataclass
class Sample:
    """A text as it grows.

    Attributes:
        seed: Of the generator that draws it; ``None`` where nothing is drawn.
        tokens: The start and what was drawn.
        log_probs: Natural logs of the drawn ones, the model's own.
        ended: Whether it is complete.
    """

    seed: int | None
    tokens: list[str]
    log_probs: list[float] = field(default_factory=list)
    ended: bool = False


def look_up_start(
    saved: SavedModel,
    start: str | Sequence[str],
    allow_unknown: bool = False,
    place: str = "--start",
) -> list[str]:
    """Cut a start into tokens that the model knows.

    Args:
        saved: The model.
        start: Words or characters, or tokens already.
        allow_unknown: Take the unknown token for one that the model does not know.
        place: Where it was given, for the message.

    Raises:
        UsageError: The start is empty, or a token is not in the vocabulary.
    """
    tokens = saved.tokenizer.words(start) if isinstance(start, str) else start
    if not tokens:
        raise UsageError(f"{place}: is empty; give at least one token for the model to go on from")
    return known_tokens(saved, tokens, place, allow_unknown)


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
    ends: Ending = never,
) -> Iterator[list[Sample]]:
    """Generate texts side by side; give all of them, first as they begin, then after each token.

    Args:
        saved: The model.
        start: Tokens it knows, at least one.
        length: How many tokens to draw at most.
        seeds: One a text.
        filters: What changes the odds, applied in this order.
        ends: Whether a text is complete.
    """
    vocabulary, model = saved.vocabulary, saved.model
    samples = [Sample(seed, list(start)) for seed in seeds]
    ids = [vocabulary.index[token] for token in start]
    rngs = [np.random.default_rng(seed) for seed in seeds]
    draws = sample(model.next_log_probs, model.initial_state(1), ids, rngs, filters)
    yield samples
    for drawn in islice(draws, length):
        for k, text in enumerate(samples):
            if not text.ended:
                text.tokens.append(vocabulary.tokens[drawn.ids[k]])
                text.log_probs.append(float(drawn.log_probs[k]))
                text.ended = ends(text.tokens, len(start))
        yield samples
        if all(text.ended for text in samples):
            return


def search(
    saved: SavedModel,
    start: Sequence[str],
    length: int,
    width: int,
    filters: Sequence[Filter] = (),
    ends: Ending = never,
    penalty: float = 1.0,
) -> list[Sample]:
    """Return the likeliest texts that beam search finds, the likeliest first.

    Args:
        saved: The model.
        start: Tokens it knows, at least one.
        length: How many tokens to add at most.
        width: How many texts are kept on the way.
        filters: What changes the odds, applied in this order.
        ends: Whether a text is complete.
        penalty: See ``beam_search``.
    """
    tokens = saved.vocabulary.tokens
    found = beam_search(
        saved.model.next_log_probs,
        saved.model.initial_state(1),
        [saved.vocabulary.index[token] for token in start],
        width,
        length,
        filters,
        lambda ids: ends([tokens[k] for k in ids], 0),
        penalty,
    )
    return [
        Sample(None, [*start, *(tokens[k] for k in beam.ids)], beam.log_probs) for beam in found
    ]
