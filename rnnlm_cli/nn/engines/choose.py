"""Which engine runs the cells."""

from __future__ import annotations

import os

from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.engines.blocked import Blocked
from rnnlm_cli.nn.engines.plain import Plain

ENGINES: dict[str, Engine] = {"plain": Plain(), "blocked": Blocked()}
"""The engine for each ``training.engine`` but ``auto``."""

AUTO = "auto"
"""Leaves the choice to the program."""

FASTEST = "blocked"
"""What ``auto`` comes to."""

ENVIRONMENT = "RNNLM_ENGINE"
"""The environment variable that names an engine, before any other choice."""


def choose_engine(asked: str = AUTO, recorded: str = "") -> str:
    """Return the name of the engine to use.

    Args:
        asked: A row of ``ENGINES``, or ``auto``. ``RNNLM_ENGINE`` takes precedence over it.
        recorded: What ``auto`` came to before, for a training that is resumed; empty for nothing.

    Raises:
        ValueError: ``RNNLM_ENGINE`` does not name an engine.
    """
    said = os.environ.get(ENVIRONMENT, "")
    if said and said != AUTO and said not in ENGINES:
        raise ValueError(
            f"{ENVIRONMENT}: {said[:40]!r} is not an engine; choose {AUTO}, {', '.join(ENGINES)}, "
            "or unset it"
        )
    name = said or asked
    if name != AUTO:
        return name
    return recorded if recorded in ENGINES else FASTEST
