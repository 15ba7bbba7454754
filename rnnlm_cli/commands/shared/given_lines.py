"""The lines that a command works on one by one: an argument, or those of a file."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.data.rows import MOST_CHARACTERS
from rnnlm_cli.errors import UsageError
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.text.reader import display_name, whole_lines


def require_lines(text: str | None, path: str | None) -> None:
    """Check that there is an argument or a file.

    Raises:
        UsageError: There is neither.
    """
    if text is None and path is None:
        raise UsageError("give TEXT, or a file", remedy="use {file}; - is standard input")


def given_lines(
    saved: TrainedNetwork, text: str | None, path: str | None, encoding: str | None
) -> Iterator[str]:
    """Yield the line that is the argument, or those of the file, without their newlines."""
    if text is not None:
        yield text
        return
    assert path is not None
    pieces = noted_pieces([path], reading_limits(saved, encoding), saved)
    for piece in whole_lines(pieces, MOST_CHARACTERS, display_name(path), "; divide it"):
        yield piece.text.removesuffix("\n")
