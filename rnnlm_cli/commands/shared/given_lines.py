"""The lines that a command works on one by one: an argument, or those of a file."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.text.reader import display_name, whole_lines

MOST_CHARACTERS = 10_000_000
"""Maximum characters of a line."""


def lines_of(saved: TrainedNetwork, path: str, encoding: str | None) -> Iterator[str]:
    """Yield the lines of a file, without their newlines."""
    pieces = noted_pieces([path], reading_limits(saved, encoding), saved)
    for piece in whole_lines(pieces, MOST_CHARACTERS, display_name(path), "; divide it"):
        yield piece.text.removesuffix("\n")
