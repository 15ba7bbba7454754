"""Functions on a configuration's raw values, nested dicts, before they are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlm_cli.config.describe import describe, keys_marked
from rnnlm_cli.config.keys import Mark


def move_paths(data: Any, move: Callable[[str], str]) -> Any:
    """Apply a function to every path of a configuration's raw values in place; return them."""
    for key in keys_marked(Mark.PATH):
        section, last = _section_of(data, key)
        value = section.get(last)
        if isinstance(value, str):
            section[last] = move(value)
        elif isinstance(value, list):
            section[last] = [move(v) if isinstance(v, str) else v for v in value]
    return data


def fill_defaults(data: Any) -> None:
    """Fill in, in place, the defaults that depend on other keys, and default kinds.

    The schema marks such defaults: characters, for example, have no end-of-line token by default. A
    section with kinds, such as the optimizer, gets its default kind.
    """
    for key in describe():
        section, last = _section_of(data, key.name)
        if last == "kind":
            section.setdefault(last, key.default)
        if (where := key.default_where) is not None:
            other, name = _section_of(data, where.key)
            if other.get(name) == where.value:
                section.setdefault(last, where.default)


FORMER = {"corpus.field": None}
"""What a configuration of an earlier version means, where it lacks a key and not the default."""


def fill_former(data: Any) -> Any:
    """Fill in, in place, the keys that the configuration in an older model file lacks."""
    for key, value in FORMER.items():
        section, last = _section_of(data, key)
        section.setdefault(last, value)
    return data


def _section_of(data: Any, key: str) -> tuple[dict[str, Any], str]:
    """Return the section that a dotted key belongs to, and the key's name in it.

    If the section is missing or is not a mapping, return a new empty dict.
    """
    *sections, last = key.split(".")
    for section in sections:
        data = data.get(section) if isinstance(data, dict) else None
    return (data if isinstance(data, dict) else {}), last
