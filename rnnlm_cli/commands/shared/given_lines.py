"""The lines that a command works on one by one: an argument, or those of a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple

import click

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import FILE, TEXT, encoding_option
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.data.rows import MOST_CHARACTERS, check_line
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.cautions import unknown_note
from rnnlm_cli.model.trained import TrainedNetwork
from rnnlm_cli.text.reader import STANDARD_INPUT, display_name, whole_lines


class GivenLines(NamedTuple):
    """The lines that a user gives.

    Attributes:
        text: The line that is the argument; ``None`` for those of a file.
        path: The file.
        encoding: Of the file; ``None`` for UTF-8.
    """

    text: str | None
    path: str | None
    encoding: str | None

    @property
    def live(self) -> bool:
        """Whether they are those of standard input: each is answered as it arrives."""
        return self.path == STANDARD_INPUT

    def read(self, saved: TrainedNetwork) -> Iterator[str]:
        """Yield the lines, without their newlines.

        After the last one, a note says how many tokens the model does not know, if any.
        """
        unknown, first = 0, ""
        for line in self._lines(saved):
            strangers = [one for one in saved.codec.split(line) if one not in saved.vocabulary]
            first = first or next(iter(strangers), "")
            unknown += len(strangers)
            yield line
        for said in unknown_note(unknown, saved.vocabulary.unknown, first):
            note(said)

    def _lines(self, saved: TrainedNetwork) -> Iterator[str]:
        if self.text is not None:
            yield self.text
            return
        assert self.path is not None
        pieces = noted_pieces([self.path], reading_limits(saved, self.encoding), saved)
        for piece in whole_lines(pieces, MOST_CHARACTERS, display_name(self.path), "; divide it"):
            yield piece.text.removesuffix("\n")


def given_lines_options(verb: str) -> Callable[..., Any]:
    """Add the argument TEXT, ``--file`` and its ``--encoding``; the command gets ``given``.

    Args:
        verb: What is done to each line, for the help.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @partners(
            excludes("text", "--file", because="each names the lines"),
            needs("--encoding", "--file"),
        )
        @wraps(command)
        def gathered(
            *args: Any, text: str | None, path: str | None, encoding: str | None, **options: Any
        ) -> Any:
            if text is None and path is None:
                raise UsageError("give TEXT, or a file", remedy="use {file}; - is standard input")
            if text is not None:
                check_line(text)
            return command(*args, given=GivenLines(text, path, encoding), **options)

        argument = click.argument("text", type=TEXT, required=False)
        file_option = click.option(
            "--file",
            "path",
            type=FILE,
            metavar="FILE",
            help=f"{verb} every line; - is standard input.",
        )
        return argument(file_option(encoding_option("utf-8, of --file")(gathered)))

    return decorate
