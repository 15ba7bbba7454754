"""The table of engines."""

from __future__ import annotations

from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.engines.blocked import Blocked
from rnnlm_cli.nn.engines.plain import Plain

ENGINES: dict[str, Engine] = {"plain": Plain(), "blocked": Blocked()}
"""The engine for each ``training.engine`` except ``auto``."""

AUTO = "blocked"
"""The engine of ``auto``: the fastest one."""
