"""The table of engines."""

from __future__ import annotations

import os

from rnnlm_cli.errors import UsageError
from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.engines.blocked import Blocked
from rnnlm_cli.nn.engines.compiled import Compiled
from rnnlm_cli.nn.engines.kernels import kernels
from rnnlm_cli.nn.engines.plain import Plain

ENGINES: dict[str, Engine] = {
    "plain": Plain(),
    "blocked": Blocked(),
    "compiled": Compiled(kernels()),
}
"""The engine for each ``training.engine`` except ``auto``."""

AUTO = "auto"
"""The choice is the program's."""

FASTEST = "compiled" if kernels() else "blocked"
"""The engine that ``auto`` takes: the fastest that this installation has on this processor."""

ENVIRONMENT = "RNNLM_ENGINE"
"""The environment variable that names an engine; it takes precedence."""


def choose_engine(asked: str = AUTO, recorded: str = "") -> str:
    """Return the name of the engine to use.

    Args:
        asked: A row of ``ENGINES``, or ``auto``. ``RNNLM_ENGINE`` takes precedence over it.
        recorded: The engine that ``auto`` took before, for a resumed training; empty for none.

    Raises:
        ValueError: ``RNNLM_ENGINE`` does not name an engine, or one that is not installed.
        UsageError: The engine that was asked for is not installed.
    """
    said = os.environ.get(ENVIRONMENT, "")
    if said and said != AUTO and said not in ENGINES:
        raise ValueError(
            f"{ENVIRONMENT}: {said[:40]!r} is not an engine; choose {AUTO}, {', '.join(ENGINES)}, "
            "or unset it"
        )
    name = said or asked
    if name == AUTO:
        return recorded if recorded in ENGINES and is_installed(recorded) else FASTEST
    if is_installed(name):
        return name
    what = "this installation has no compiled kernels for this processor"
    remedy = f"choose {AUTO}, or install the package where there is a C compiler"
    if said:
        raise ValueError(f"{ENVIRONMENT}: {what}; {remedy}")
    raise UsageError(f"training.engine: {what}", remedy=remedy)


def is_installed(engine: str) -> bool:
    """Whether this installation has what an engine needs."""
    return engine != Compiled.name or kernels() is not None
