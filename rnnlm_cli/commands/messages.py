"""What is said on standard error: notes and bars, results apart."""

from __future__ import annotations

import os
import sys

import click


def note(line: str) -> None:
    """Write a line to standard error.

    Work does not depend on being watched: where nobody reads any longer, it goes on in silence.
    """
    try:
        click.echo(line, err=True)
    except OSError:  # a closed pipe, a terminal that hung up, a full disk
        silence(2)


def on_terminal() -> bool:
    """Whether somebody watches standard error."""
    return sys.stderr is not None and sys.stderr.isatty()


def silence(descriptor: int) -> None:
    """Let all that is still written to a closed pipe go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
