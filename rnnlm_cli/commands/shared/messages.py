"""Printing: results on standard output, notes and bars on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from rnnlm_cli.errors import RnnlmError, named, printable

LAYOUT = "\n\t"
"""Characters between lines and columns."""


def print_result(text: str, end: str = "\n") -> None:
    """Write a result, or a part of one, to standard output at once.

    On a terminal, characters that do not show are escaped: text and tokens may come from a
    stranger, and a terminal obeys them. A file or a pipe gets every character unchanged.

    Args:
        text: Lines, or a part of one.
        end: What follows it.

    Raises:
        RnnlmError: Standard output is closed.
        OSError: It cannot be written to.
    """
    require_output()
    shown = printable(text, LAYOUT) if sys.stdout.isatty() else text
    with named("standard output"):
        # color=True: otherwise escape sequences in the data would be dropped
        click.echo(shown + end, nl=False, color=True)


def require_output() -> None:
    """Make sure that standard output is open.

    Raises:
        RnnlmError: It was closed before the program began.
    """
    if sys.stdout is None:
        raise RnnlmError("standard output is closed; redirect it to a terminal, a file or a pipe")


def note(line: str, end: str = "\n") -> None:
    """Write a line, and what follows it, to standard error, escaped so that it is printable.

    If standard error cannot be written to, notes are dropped and work continues.
    """
    try:
        click.echo(printable(line, LAYOUT) + end, nl=False, err=True)
    except OSError:  # a closed pipe, a terminal that hung up, a full disk
        silence(2)


def warned(warnings: Sequence[str]) -> list[str]:
    """Write warnings to standard error; return them for JSON."""
    for warning in warnings:
        note(f"warning: {warning}")
    return list(warnings)


def as_option(argument: str) -> str:
    """Return the option that gives an argument of the library, named as errors name it.

    >>> as_option("no_repeat_ngram"), as_option("overwrite=True")
    ('--no-repeat-ngram', '--overwrite')
    """
    return f"--{argument.removesuffix('=True').replace('_', '-')}"


def on_terminal() -> bool:
    """Whether standard error is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def silence(descriptor: int) -> None:
    """Discard everything that is still written to a closed pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
