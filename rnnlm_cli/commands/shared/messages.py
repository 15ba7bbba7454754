"""What is said: results on standard output, notes and bars on standard error."""

from __future__ import annotations

import os
import sys

import click

from rnnlm_cli.errors import RnnlmError, named, printable

LAYOUT = "\n\t"
"""What stands between lines and columns."""


def print_result(text: str, end: str = "\n") -> None:
    """Write a result, or a part of one, to standard output at once.

    On a terminal what would not show is escaped: text and tokens may be a stranger's, and a
    terminal obeys them. A file or a pipe gets every character as it is.

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
    """Make sure that there is a standard output.

    Raises:
        RnnlmError: It was closed before the program began.
    """
    if sys.stdout is None:
        raise RnnlmError("standard output is closed; redirect it to a terminal, a file or a pipe")


def note(line: str) -> None:
    """Write a line to standard error, printable whatever it quotes.

    Work does not depend on being watched: where nobody reads any longer, it goes on in silence.
    """
    try:
        click.echo(printable(line, LAYOUT), err=True)
    except OSError:  # a closed pipe, a terminal that hung up, a full disk
        silence(2)


def as_option(argument: str) -> str:
    """Return the option that gives an argument of the library, named as errors name it.

    >>> as_option("no_repeat_ngram"), as_option("overwrite=True")
    ('--no-repeat-ngram', '--overwrite')
    """
    return f"--{argument.removesuffix('=True').replace('_', '-')}"


def on_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


def silence(descriptor: int) -> None:
    """Let all that is still written to a closed pipe go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
