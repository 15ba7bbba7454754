"""The keys in which two configurations differ."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rnnlm_cli.config.schema import Config, config_to_plain


def differences(one: Config, other: Config) -> dict[str, tuple[Any, Any]]:
    """Return every dotted key that differs with both values; ``None`` for a missing one."""
    old, new = flattened(config_to_plain(one)), flattened(config_to_plain(other))
    return {key: (old.get(key), new.get(key)) for key in old | new if old.get(key) != new.get(key)}


def as_written(value: Any) -> str:
    """Return a value as written in a config: null, true, or a word without quotes.

    >>> [as_written(value) for value in (None, True, 0.5, "lstm", ["a.txt", "b.txt"])]
    ['null', 'true', '0.5', 'lstm', '["a.txt", "b.txt"]']
    """
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def flattened(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return every dotted key of nested values, such as those of a config, with its value."""
    found: dict[str, Any] = {}
    for key, value in plain.items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{name}": inner for name, inner in flattened(value).items()}
        else:
            found[key] = value
    return found
