"""Optional packages, which only some commands need."""

from __future__ import annotations

import importlib
from typing import Any

from rnnlm_cli.errors import UsageError


def extra(module: str, name: str) -> Any:
    """Import a module of an extra.

    Args:
        module: The module to import.
        name: The extra's name.

    Raises:
        UsageError: The module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise UsageError(
            f"{package} is not installed; install it with pip install 'rnnlm-cli[{name}]', or in a "
            f"checkout pip install '.[{name}]'"
        ) from None
