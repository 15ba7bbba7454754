"""What each line does: the commands of a session, and their help."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterable
from typing import NamedTuple

from rnnlm_cli.commands.interactive.lines import found, parsed
from rnnlm_cli.commands.interactive.session import DEFAULT_TOP, Session
from rnnlm_cli.commands.interactive.settings import OPTIONS, as_typed, in_columns, meaning
from rnnlm_cli.commands.shared.messages import as_option, note
from rnnlm_cli.errors import RnnlmError, UsageError, shortened

HELP = (
    "Type a start, and the model continues it. Ctrl-C stops the text, Ctrl-D leaves, Tab "
    "completes. Names may be shortened: /temp 0.8. A setting without a value returns to its "
    "default."
)

WIDEST = 80
"""Maximum columns of the help, and those where there is no terminal."""


def answer(session: Session, line: str) -> bool:
    """Carry out a line; return whether another one may follow."""
    try:
        name, rest = parsed(line, NAMES)
        if rest and name in WITHOUT_VALUE:
            raise UsageError(f"/{name} {shortened(rest)}: has no value; omit it")
        if name in LEAVE:
            return False
        if name in COMMANDS:
            COMMANDS[name].run(session, rest)
        else:
            session.change(name, rest)
            note(shortened(as_typed(session.settings, name)))
    except RnnlmError as error:
        note(f"Error: {error.said(as_setting)}")
    except KeyboardInterrupt:
        if not session.at_terminal:
            raise
        note("")
    return True


def as_setting(argument: str) -> str:
    """Return the name of a library's argument in a session."""
    return "the start" if argument == "start" else f"/{as_option(argument).removeprefix('--')}"


def go_on(session: Session, rest: str) -> None:
    """Go on with the text so far."""
    if session.text is None:
        note("there is no text to go on with; type a start, or /begin")
    else:
        session.write(session.text)


def show_settings(session: Session, rest: str) -> None:
    """Show the settings with their meanings."""
    note(table(session, OPTIONS))


def show_help(session: Session, rest: str) -> None:
    """Show the help, or that of a command or a setting."""
    if rest:
        note(table(session, [found(rest.removeprefix("/"), NAMES)]))
    else:
        intro = "\n".join(textwrap.wrap(HELP, width()))
        note("\n\n".join([intro, table(session, COMMANDS), table(session, OPTIONS)]))


class Command(NamedTuple):
    """A line that is not a setting.

    Attributes:
        form: How it is typed.
        meaning: What it does.
        run: Does it, given what follows the name.
    """

    form: str
    meaning: str
    run: Callable[[Session, str], None]


def leave(session: Session, rest: str) -> None:
    """Do nothing; ``answer`` ends the session."""


COMMANDS = {
    "continue": Command("/continue, or Enter", "Go on with the text.", go_on),
    "begin": Command(
        "/begin",
        "No start: the text begins at the beginning of a line.",
        lambda session, rest: session.begin(),
    ),
    "start": Command("/start WORDS", "Continue words that look like a command.", Session.begin),
    "top": Command(
        "/top [N] [WORDS]",
        f"The {DEFAULT_TOP} or N most likely next tokens of the text, or after the words: "
        "probability, its natural log, token. They do not depend on the settings.",
        Session.top,
    ),
    "settings": Command("/settings", "Show the settings.", show_settings),
    "help": Command("/help [NAME], or help", "Show this, or the lines about a name.", show_help),
    "quit": Command("/quit, or quit", "Leave.", leave),
    "exit": Command("/exit, or exit", "Leave.", leave),
}
"""The commands by name, in the order of the help."""

LEAVE = ("quit", "exit")
WITHOUT_VALUE = ("continue", "begin", "settings", *LEAVE)
NAMES = (*COMMANDS, *OPTIONS)


def table(session: Session, names: Iterable[str]) -> str:
    """Return the lines of the help for commands and settings."""
    rows = [
        COMMANDS[name][:2]
        if name in COMMANDS
        else (as_typed(session.settings, name), meaning(name))
        for name in names
    ]
    return in_columns(rows, width())


def width() -> int:
    """Return the columns of the help."""
    return min(shutil.get_terminal_size().columns, WIDEST)
