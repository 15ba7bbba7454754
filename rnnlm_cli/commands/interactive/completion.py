"""What Tab offers in a session."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from contextlib import suppress

from rnnlm_cli.commands.interactive.answers import NAMES
from rnnlm_cli.commands.interactive.lines import found
from rnnlm_cli.commands.interactive.session import Session
from rnnlm_cli.commands.interactive.settings import OPTIONS, Switch
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.completions import MOST, completions


def offered(session: Session, line: str) -> list[str]:
    """Return what may replace the last word of a line, the best first.

    Args:
        session: The model.
        line: The line up to the cursor; its last word may be empty.

    Returns:
        Names of commands and settings; values of a setting; or words of the vocabulary. With only
        one there is a space after it.
    """
    last = line[len(line) - len(line.split(" ")[-1]) :]
    words = _words(session, line.lstrip(), last)
    return [f"{words[0]} "] if len(words) == 1 else words


def _words(session: Session, line: str, last: str) -> list[str]:
    if not line.startswith("/"):
        return [last + rest for rest in completions(session.saved, line)]
    name, space, rest = line[1:].partition(" ")
    if not space:
        return [f"/{one}" for one in _beginning(NAMES, name)]
    with suppress(UsageError):
        name = found(name, NAMES)
    if name in ("start", "top"):
        number, _, words = rest.partition(" ")
        typed = words if name == "top" and number.isdecimal() else rest
        return [last + rest for rest in completions(session.saved, typed.lstrip())]
    if name == "help":
        return _beginning(NAMES, rest)
    if name == "skip":
        least = 1 + session.saved.codec.one_character  # a character is typed, not completed
        tokens = _beginning(session.saved.vocabulary.tokens, last)  # the most frequent first
        return [token for token in tokens if len(token) >= least and _plain(token)][:MOST]
    if name in OPTIONS and isinstance(OPTIONS[name].type, Switch):
        return _beginning(Switch.values, rest)
    return []


def _beginning(names: Iterable[str], typed: str) -> list[str]:
    return [name for name in names if name.startswith(typed)]


def _plain(token: str) -> bool:
    """Whether a token may be typed as it is."""
    with suppress(ValueError):
        return token.isprintable() and shlex.split(token) == [token]
    return False
