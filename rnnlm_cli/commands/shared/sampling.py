"""Options that change the probabilities of tokens before one is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from rnnlm_cli.commands.shared.messages import as_option
from rnnlm_cli.commands.shared.models import known_ids
from rnnlm_cli.commands.shared.options import TEXT, FiniteRange, WholeRange
from rnnlm_cli.generate.filters import FORBIDDING, RANGES, Filters
from rnnlm_cli.model.trained import TrainedModel

DEFAULTS = Filters()

OF_DRAWING = " ".join(as_option(name) for name in RANGES if name not in FORBIDDING)
"""The options without a meaning where nothing is drawn."""

# in the order in which they are applied, which the help of `generate` refers to
OPTIONS = [
    click.option(
        "--skip",
        type=TEXT,
        metavar="TOKEN",
        multiple=True,
        help="Never draw this token. Repeatable.",
    ),
    click.option(
        "--no-repeat-ngram",
        type=WholeRange.of(RANGES["no_repeat_ngram"]),
        default=DEFAULTS.no_repeat_ngram,
        help="Never draw an n-gram of this length twice; 0 allows it.",
    ),
    click.option(
        "--repetition-penalty",
        type=FiniteRange.of(RANGES["repetition_penalty"]),
        default=DEFAULTS.repetition_penalty,
        help="Above 1: words already in the text become less likely.",
    ),
    click.option(
        "--temperature",
        type=FiniteRange.of(RANGES["temperature"]),
        default=DEFAULTS.temperature,
        show_default=True,
        help="Below 1 safer, above 1 bolder; 0 always takes the most likely token.",
    ),
    click.option(
        "--top-k",
        type=WholeRange.of(RANGES["top_k"]),
        default=DEFAULTS.top_k,
        help="Draw only from the N most likely tokens; 0 for all.",
    ),
    click.option(
        "--top-p",
        type=FiniteRange.of(RANGES["top_p"]),
        metavar="P",
        default=DEFAULTS.top_p,
        help="Draw only from the most likely tokens whose probabilities add up to P, at most 1.",
    ),
    click.option(
        "--min-p",
        type=FiniteRange.of(RANGES["min_p"]),
        metavar="P",
        default=DEFAULTS.min_p,
        help="Draw only tokens with at least this share of the highest probability, 0 to 1.",
    ),
]


def sampling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all of ``OPTIONS``."""
    return reduce(lambda found, option: option(found), reversed(OPTIONS), command)


def make_filters(saved: TrainedModel, skip: tuple[str, ...], **values: Any) -> Filters:
    """Return the filters that the options ask for.

    Args:
        saved: The model.
        skip: Tokens that are never drawn.
        values: The other options, by the names of ``Filters``.

    Raises:
        UsageError: No token would be left to draw.
    """
    return Filters(skip=known_ids(saved, skip), **values)
