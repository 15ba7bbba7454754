"""The options ``--cache`` and ``--dynamic``: models that adapt to the text they are scored on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import click

from rnnlm_cli.errors import quoted
from rnnlm_cli.evaluate.dynamic import DynamicSettings
from rnnlm_cli.evaluate.neural_cache import CacheSettings

MOST_TOKENS, MOST_THETA = 1_000_000, 1000

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


def adaptation_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--cache`` and ``--dynamic``."""
    cache_option = numbers_option(
        "--cache",
        "SIZE,THETA,LAMBDA",
        3,
        "Also score with a neural cache of the last SIZE tokens; see rnnlm eval tune.",
    )
    dynamic_option = numbers_option(
        "--dynamic",
        "LEARNING_RATE[,DECAY]",
        1,
        "Also score with a model that keeps learning from the text it has scored.",
    )
    return cache_option(dynamic_option(command))


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


def dynamic_settings(numbers: tuple[float, ...]) -> DynamicSettings:
    """Check the numbers of ``--dynamic``.

    Raises:
        UsageError: One is out of range.
    """
    settings = DynamicSettings(*numbers)
    if settings.learning_rate <= 0 or not 0 <= settings.decay < 1:
        raise click.UsageError(
            f"--dynamic {as_numbers(numbers)}: LEARNING_RATE is above 0, DECAY at least 0 and "
            "below 1"
        )
    return settings


def as_numbers(numbers: tuple[float, ...]) -> str:
    """Write numbers as an option takes them."""
    return ",".join(repr(int(n)) if n == int(n) and abs(n) < 1e15 else repr(n) for n in numbers)
