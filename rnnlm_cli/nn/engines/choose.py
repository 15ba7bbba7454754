"""Which engine runs the cells."""

from __future__ import annotations

from rnnlm_cli.nn.engines.base import Engine
from rnnlm_cli.nn.engines.blocked import Blocked
from rnnlm_cli.nn.engines.plain import Plain

ENGINES: dict[str, Engine] = {"plain": Plain(), "blocked": Blocked()}
"""The engine for each ``training.engine`` but ``auto``."""

AUTO = "blocked"
"""What ``auto`` comes to: the fastest engine that is there."""
