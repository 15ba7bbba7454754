"""A command by its name and its arguments; how it is spelled is known to ``commands``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rnnlm_cli.report.html.markup import Markup


class Call(NamedTuple):
    """A command that gives the figures of a section.

    Attributes:
        command: Its name, such as ``eval perplexity``.
        arguments: In order.
        options: Values by the Python names of the options; ``None`` omits one, ``True`` is a flag,
            and a tuple repeats it.
    """

    command: str
    arguments: Sequence[str] = ()
    options: Mapping[str, Any] = {}


class Shown(NamedTuple):
    """The content of a section, and the commands that give its figures."""

    body: Markup
    calls: Sequence[Call]
