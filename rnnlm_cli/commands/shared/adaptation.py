"""The options ``--cache`` and ``--dynamic``: models that adapt to the text they are scored on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from rnnlm_cli.commands.shared.dynamic import rms_options
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.dynamic import EPSILON, SEGMENT_TOKENS, DynamicSettings
from rnnlm_cli.evaluate.neural_cache import CacheSettings

MOST_TOKENS, MOST_THETA, MOST_SEGMENT = 1_000_000, 1000, 10_000

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def numbers_option(
    name: str, form: str, fewest: int, text: str, most: int | None = None
) -> Decorator:
    """Return an option that takes numbers, separated by commas.

    Args:
        name: The option.
        form: How the help shows them.
        fewest: The least number of them.
        text: The help.
        most: The greatest number of them; by default as many as ``form`` shows.
    """
    limit = most or form.count(",") + 1

    def parse(
        context: click.Context, option: click.Parameter, value: str | None
    ) -> tuple[float, ...] | None:
        if value is None:
            return None
        try:
            numbers = tuple(float(part) for part in value.split(","))
        except ValueError:
            numbers = ()
        right = fewest <= len(numbers) <= limit
        if not right or not all(map(math.isfinite, numbers)):
            raise click.BadParameter(f"{quoted(value)} is not of the form {form}")
        return numbers

    return click.option(name, metavar=form, callback=parse, help=text)


def cache_option(text: str) -> Decorator:
    """Return the option ``--cache``."""
    return numbers_option("--cache", "SIZE,THETA,LAMBDA", 3, text)


def adaptation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--cache``, ``--dynamic`` and what belongs to the second."""
    cache = cache_option(
        "Also score with a neural cache of the last SIZE tokens; see rnnlm eval tune."
    )
    dynamic_option = numbers_option(
        "--dynamic",
        "LEARNING_RATE[,DECAY[,EPSILON]]",
        1,
        "Also score with a model that keeps learning from the text it has scored; EPSILON with "
        f"--rms, by default {as_numbers((EPSILON,))}.",
    )
    segment_option = click.option(
        "--segment",
        type=WholeRange(1, MOST_SEGMENT),
        default=SEGMENT_TOKENS,
        show_default=True,
        help="Tokens that are scored before --dynamic learns from them.",
    )
    rules = partners(needs("--segment --rms", "--dynamic"), needs("--rms-file", "--rms"))
    return rules(cache(dynamic_option(segment_option(rms_options(command)))))


def cache_settings(numbers: tuple[float, ...]) -> CacheSettings:
    """Check the numbers of ``--cache``.

    Raises:
        UsageError: One is out of range.
    """
    size, theta, weight = numbers
    whole = 1 <= size <= MOST_TOKENS and size == int(size)
    if not whole or not 0 <= theta <= MOST_THETA or not 0 < weight < 1:
        raise click.UsageError(
            f"--cache {as_numbers(numbers)}: SIZE is a whole number from 1 to {MOST_TOKENS:,}, "
            f"THETA from 0 to {MOST_THETA:,}, LAMBDA between 0 and 1"
        )
    return CacheSettings(int(size), theta, weight)


def dynamic_settings(
    numbers: tuple[float, ...], segment: int = SEGMENT_TOKENS, rms: bool = False
) -> DynamicSettings:
    """Check the numbers of ``--dynamic``.

    Args:
        numbers: The rate, and if they are given the decay and epsilon.
        segment: The value of ``--segment``.
        rms: Whether gradients are divided by their root mean squares.

    Raises:
        UsageError: One is out of range.
    """
    rate, decay, epsilon = (*numbers, *(0.0, EPSILON)[len(numbers) - 1 :])
    if len(numbers) == 3 and not rms:
        raise click.UsageError(
            f"--dynamic {as_numbers(numbers)}: EPSILON needs --rms; add it or omit EPSILON"
        )
    if rate <= 0 or not 0 <= decay < 1 or epsilon <= 0:
        raise click.UsageError(
            f"--dynamic {as_numbers(numbers)}: LEARNING_RATE is above 0, DECAY at least 0 and "
            "below 1, EPSILON above 0"
        )
    return DynamicSettings(rate, decay, epsilon if rms else None, segment)


def as_option(settings: DynamicSettings) -> str:
    """Write settings of dynamic evaluation as ``rnnlm eval perplexity`` takes them."""
    numbers = [settings.learning_rate, settings.decay]
    if settings.epsilon is not None and settings.epsilon != EPSILON:
        numbers.append(settings.epsilon)
    text = f"--dynamic {as_numbers(tuple(map(float, numbers)))}"
    if settings.segment != SEGMENT_TOKENS:
        text += f" --segment {settings.segment}"
    return text if settings.epsilon is None else f"{text} --rms"


def as_numbers(numbers: tuple[float, ...]) -> str:
    """Write numbers as an option takes them."""
    return ",".join(repr(int(n)) if n == int(n) and abs(n) < 1e15 else repr(n) for n in numbers)
