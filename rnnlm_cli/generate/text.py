"""Generating text with a trained model: words in, words out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import overload

import numpy as np

from rnnlm_cli.generate.beam import beam_search
from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.sampling import sample
from rnnlm_cli.generate.start import before_start
from rnnlm_cli.model.trained import TrainedModel

Ending = Callable[[Sequence[str], int], bool]
"""Takes the tokens of a text and the length of its start; returns whether it is complete."""


def never(tokens: Sequence[str], start: int) -> bool:
    """Continue to the full length."""
    return False


def at_token(stops: Collection[str]) -> Ending:
    """End after the first of these tokens."""
    return lambda tokens, start: len(tokens) > start and tokens[-1] in stops


def after_sentences(number: int, line_end: str) -> Ending:
    """End after ``number`` ends of lines."""

    def ends(tokens: Sequence[str], start: int) -> bool:
        # counted at ends of lines only, so that the cost is not quadratic in the length
        return tokens[-1] == line_end and tokens[start:].count(line_end) >= number

    return ends


def ending(model: TrainedModel, stop: Iterable[str], sentences: int | None = None) -> Ending:
    """End with the first of some tokens, or after a number of lines.

    Args:
        model: The model.
        stop: Tokens; one that the model does not know ends nothing.
        sentences: Number of lines; ``None`` for no limit.

    Raises:
        UsageError: The model knows no end of a line.
    """
    stops = {form for token in stop for form in model.codec.forms(token)}
    endings = [at_token(frozenset(stops))]
    if sentences is not None:
        line_end = model.vocabulary.tokens[model.line_start()]
        endings.append(after_sentences(sentences, line_end))
    return either(*endings)


def either(*endings: Ending) -> Ending:
    """End as soon as one of the endings does."""
    return lambda tokens, start: any(ends(tokens, start) for ends in endings)


@dataclass
class Sample:
    """A text as it grows.

    Attributes:
        seed: The seed of its random generator; ``None`` from beam search.
        tokens: The start and the generated tokens.
        log_probs: Natural logs of the generated tokens, the model's own, before any filter.
        ended: Whether it is complete.
    """

    seed: int | None
    tokens: list[str]
    log_probs: list[float] = field(default_factory=list)
    ended: bool = False


class _Named(Sequence[str]):
    """Ids seen as tokens, looked up on access, because most endings need only the last one."""

    def __init__(self, ids: Sequence[int], tokens: Sequence[str]) -> None:
        self._ids, self._tokens = ids, tokens

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self._tokens[k] for k in self._ids[place]]
        return self._tokens[self._ids[place]]


def generate(
    model: TrainedModel,
    start: Sequence[str],
    length: int,
    seeds: Sequence[int],
    filters: Sequence[Filter] = (),
    ends: Ending = never,
) -> Iterator[list[Sample]]:
    """Generate texts in parallel; yield all of them, first with the start, then after each token.

    Args:
        model: The model.
        start: Known tokens; if empty, the text begins like a line.
        length: Maximum number of tokens to draw.
        seeds: One per text.
        filters: Change the probabilities, applied in this order.
        ends: Whether a text is complete.
    """
    vocabulary, network = model.vocabulary, model.network
    samples = [Sample(seed, list(start)) for seed in seeds]
    ids = vocabulary.ids_of(start).tolist()
    rngs = [np.random.default_rng(seed) for seed in seeds]
    state, before = network.initial_state(1), before_start(model, start)
    draws = sample(model.next_log_probs, state, ids, rngs, filters, before)
    yield samples
    with network.unchanged():
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
    model: TrainedModel,
    start: Sequence[str],
    length: int,
    width: int,
    filters: Sequence[Filter] = (),
    ends: Ending = never,
    penalty: float = 1.0,
) -> list[Sample]:
    """Return the most likely texts that beam search finds, the most likely first.

    Args:
        model: The model.
        start: Known tokens; if empty, the text begins like a line.
        length: Maximum number of tokens to add.
        width: How many texts the beam keeps.
        filters: Change the probabilities, applied in this order.
        ends: Whether a text is complete.
        penalty: See ``beam_search``.
    """
    tokens = model.vocabulary.tokens
    with model.network.unchanged():
        found = beam_search(
            model.next_log_probs,
            model.network.initial_state(1),
            model.vocabulary.ids_of(start).tolist(),
            width,
            length,
            filters,
            lambda ids: ends(_Named(ids, tokens), 0),
            penalty,
            before_start(model, start),
        )
    return [
        Sample(None, [*start, *(tokens[k] for k in beam.ids)], beam.log_probs) for beam in found
    ]
