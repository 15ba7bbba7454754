"""Lines of a session: what each means, and those that come from a file or a pipe."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from typing import NamedTuple

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.errors import UsageError, shortened
from rnnlm_cli.evaluate.lines import whole_lines
from rnnlm_cli.system.text_encodings import UTF8
from rnnlm_cli.text.facts import found_notes
from rnnlm_cli.text.reader import STANDARD_INPUT, Limits, display_name, read_pieces

IN_WORDS = ("help", "quit", "exit")
"""Commands that need no slash, if nothing else is in the line."""

LONGEST_NAME = 50
"""Maximum characters of a misspelled name: comparing takes long."""


class Line(NamedTuple):
    """What a line asks for: the name of a command or a setting, and what follows it."""

    name: str
    rest: str = ""


def parsed(line: str, names: Collection[str]) -> Line:
    """Return what a line asks for.

    Args:
        line: The line; without a slash it is a start, and an empty one goes on with the text.
        names: The commands and settings.

    Raises:
        UsageError: No name begins so, or several do.

    >>> [tuple(parsed(line, ["start", "top-k"])) for line in ("you say", "/top 4", "")]
    [('start', 'you say'), ('top-k', '4'), ('continue', '')]
    """
    line = line.strip()
    if not line:
        return Line("continue")
    if line in IN_WORDS:
        return Line(line)
    if not line.startswith("/"):
        return Line("start", line)
    name, _, rest = line[1:].replace("\t", " ", 1).partition(" ")
    return Line(found(name, names), rest.strip())


def found(name: str, names: Collection[str]) -> str:
    """Return the only name that begins so.

    Raises:
        UsageError: There is none, or there are several.
    """
    wanted = name.replace("_", "-")
    if wanted in names:
        return wanted
    fitting = [f"/{one}" for one in names if one.startswith(wanted)] if wanted else []
    if len(fitting) == 1:
        return fitting[0][1:]
    shown = f"/{shortened(name)}"
    if fitting:
        either = f"{', '.join(fitting[:-1])} or {fitting[-1]}"
        raise UsageError(f"{shown}: may be {either}; type more letters")
    near = difflib.get_close_matches(wanted[:LONGEST_NAME], names, n=1)
    meant = f"did you mean /{near[0]}?" if near else "/help lists them"
    raise UsageError(f"{shown}: not a setting or a command; {meant}")


def piped(encoding: str | None) -> Iterator[str]:
    """Yield the lines of a file or a pipe as they arrive, read like any other text."""
    limits = Limits(encoding=encoding or UTF8, remedy="use {encoding}")
    pieces = read_pieces(STANDARD_INPUT, limits, lambda *found: note(*found_notes([found])))
    lines = whole_lines(pieces, display_name(STANDARD_INPUT))
    return (piece.text for piece in lines)
