"""Settings that a line can change between texts, and how they are shown."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from typing import Any

import click

from rnnlm_cli.commands.shared.options import Command, Utf8, WholeRange
from rnnlm_cli.commands.shared.sampling import sampling_options
from rnnlm_cli.errors import UsageError, quoted, shortened
from rnnlm_cli.generate.limits import LENGTH, SEED
from rnnlm_cli.report.table import padded
from rnnlm_cli.system.width import display_width

LONGEST_SETTING = 10_000
"""Maximum characters of a setting: the time of ``shlex.split`` grows with the square of a word."""

LEFT = 24
"""Columns of the settings, left of their meanings."""

Settings = Mapping[str, Any]
"""Values by name, as in ``SETTINGS``."""


class Switch(Utf8):
    """``on`` or ``off``."""

    name = "switch"
    values = ("on", "off")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return whether it is on, or fail."""
        if isinstance(value, bool):
            return value
        if value not in self.values:
            self.fail(f"{quoted(value)} is not on or off", param, ctx)
        return value == "on"


def setting_options(allow_unknown: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return the options of all settings.

    Args:
        allow_unknown: The one that is a flag of the command, and has a value in a session.
    """
    of_texts = (
        click.option(
            "--length",
            type=WholeRange.of(LENGTH),
            default=100,
            show_default=True,
            help="Tokens to generate.",
        ),
        click.option(
            "--sentences",
            type=WholeRange(min=0),
            default=0,
            help="Stop after this many lines; 0: stop at the length only.",
        ),
        click.option(
            "--seed",
            type=WholeRange.of(SEED),
            help="The same text each time; without it the seed is random, and printed.",
        ),
        allow_unknown,
        sampling_options,
    )
    return lambda command: reduce(lambda found, add: add(found), reversed(of_texts), command)


@click.command(add_help_option=False)
@setting_options(
    click.option(
        "--allow-unknown",
        type=Switch(),
        default=False,
        help="Allow start words that the model does not know: on or off.",
    )
)
def SETTINGS() -> None:  # noqa: N802 (a constant: a table of options, never run)
    """Settings that can change between texts; the line ``/top-k 40`` is read as ``--top-k 40``."""


OPTIONS = {
    option.opts[0].removeprefix("--"): option
    for option in SETTINGS.params
    if isinstance(option, click.Option)
}
"""The settings by the name that is typed, such as ``top-k``."""


def with_settings(*args: str) -> Settings:
    """Return the settings that these options give, with defaults for the others.

    Raises:
        click.UsageError: A value is not allowed.
    """
    return SETTINGS.make_context("", list(args)).params


def values_of(name: str, rest: str) -> list[str]:
    """Split what follows a setting's name, as a shell does.

    Raises:
        UsageError: It is too long, or a quotation mark is not closed.
    """
    shown = shortened(f"/{name} {rest}")
    if len(rest) > LONGEST_SETTING:
        raise UsageError(f"{shown}: a setting has at most {LONGEST_SETTING:,} characters")
    try:
        return shlex.split(rest)
    except ValueError:
        raise UsageError(
            f"{shown}: a quotation mark is not closed; close it, or put a backslash before it"
        ) from None


def with_change(settings: Settings, name: str, values: list[str]) -> Settings:
    """Return the settings with one of them changed.

    Args:
        settings: The settings so far.
        name: One of ``OPTIONS``.
        values: Its values; without any, a switch is on, and others return to their default.

    Raises:
        UsageError: A value is out of range, or there are too many.
    """
    option = OPTIONS[name]
    if len(values) > 1 and not option.multiple:
        raise UsageError(f"/{name} {shortened(' '.join(values))}: has one value")
    if not values and isinstance(option.type, Switch):
        values = ["on"]
    try:
        changed = with_settings(*(f"{option.opts[0]}={value}" for value in values))
    except click.BadParameter as error:
        raise UsageError(f"/{name}: {error.message}") from None
    return {**settings, str(option.name): changed[str(option.name)]}


def as_typed(settings: Settings, name: str) -> str:
    """Return the line that gives a setting its value.

    >>> as_typed(with_settings(), "length"), as_typed(with_settings(), "allow-unknown")
    ('/length 100', '/allow-unknown off')
    """
    match settings[str(OPTIONS[name].name)]:
        case None | ():
            return f"/{name}"
        case bool() as on:
            return f"/{name} {'on' if on else 'off'}"
        case tuple() as words:
            return f"/{name} {shlex.join(words)}"
        case value:
            return f"/{name} {value}"


def meaning(name: str) -> str:
    """Return the meaning of a setting."""
    option = OPTIONS[name]
    said = str(option.help)
    return said.replace("Repeatable.", "Several may follow.") if option.multiple else said


def in_columns(rows: Iterable[tuple[str, str]], width: int) -> str:
    """Return lines, each with its meaning beside it, or below it where it is long.

    Args:
        rows: Pairs of a line and its meaning.
        width: The columns of the terminal.
    """
    shown = []
    for left, right in rows:
        parts = textwrap.wrap(right, max(width - LEFT, 20))
        if display_width(left) > LEFT - 2:
            shown.append(left)
        else:
            shown.append(padded(left, LEFT) + parts.pop(0))
        shown += [" " * LEFT + part for part in parts]
    return "\n".join(shown)
