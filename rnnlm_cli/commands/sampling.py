"""The options that change the odds of what is drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import click

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.models import known_ids
from rnnlm_cli.commands.options import TEXT, FiniteRange
from rnnlm_cli.generate.filters import Filter, Filters

DEFAULTS = Filters()

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
        type=click.IntRange(min=0),
        default=DEFAULTS.no_repeat_ngram,
        help="Draw no n-gram of this length twice; 0 allows it.",
    ),
    click.option(
        "--repetition-penalty",
        type=FiniteRange(min=1e-6, max=1e6),
        default=DEFAULTS.repetition_penalty,
        help="Above 1 words of the text so far are less likely.",
    ),
    click.option(
        "--temperature",
        type=FiniteRange(min=0, max=1e6),
        default=DEFAULTS.temperature,
        show_default=True,
        help="Below 1 safer, above 1 bolder; 0 always takes the likeliest token.",
    ),
    click.option(
        "--top-k",
        type=click.IntRange(min=0),
        default=DEFAULTS.top_k,
        help="Draw from the likeliest so many only; 0 for all.",
    ),
    click.option(
        "--top-p",
        type=FiniteRange(min=0, max=1, min_open=True),
        default=DEFAULTS.top_p,
        help="Draw from the likeliest only that together have this probability.",
    ),
    click.option(
        "--min-p",
        type=FiniteRange(min=0, max=1),
        default=DEFAULTS.min_p,
        help="Draw only what has at least this share of the likeliest one's probability.",
    ),
]


def sampling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add all of them."""
    return reduce(lambda found, option: option(found), reversed(OPTIONS), command)


def make_filters(
    saved: SavedModel, searching: bool, skip: tuple[str, ...], **values: Any
) -> list[Filter]:
    """Return the filters that the options ask for.

    Args:
        saved: The model.
        searching: Whether nothing is drawn: then only what forbids tokens has a meaning.
        skip: Tokens never drawn.
        values: The other options, as ``Filters`` has them.

    Raises:
        UsageError: An option has no meaning, or nothing would be left to draw.
    """
    filters = Filters(skip=known_ids(saved.vocabulary, skip, "--skip"), **values)
    if searching:
        for name in ("repetition_penalty", "temperature", "top_k", "top_p", "min_p"):
            if getattr(filters, name) != getattr(DEFAULTS, name):
                option = "--" + name.replace("_", "-")
                raise click.UsageError(f"{option}: --beam draws nothing; leave it away")
    return filters.in_order()
