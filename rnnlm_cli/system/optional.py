"""Packages that only some commands need, and that not everybody has."""

from __future__ import annotations

import importlib
from typing import Any

from rnnlm_cli.errors import UsageError


def extra(module: str, name: str) -> Any:
    """Import a module of an extra.

    Args:
        module: What to import.
        name: The extra's.

    Raises:
        UsageError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise UsageError(
            f"{package} is not installed; pip install 'rnnlm-cli[{name}]' brings it, or in a "
            f"checkout pip install '.[{name}]'"
        ) from None
