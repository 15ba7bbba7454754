"""A config as its author would write it: the keys that were chosen, with reasons beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import yaml

from rnnlm_cli.errors import printable

COMMENT_COLUMN = 36


class Setting(NamedTuple):
    """A key that a config has.

    Attributes:
        key: Its section and its name: ``model.hidden_size``. The name may have several parts.
        value: A plain value, or a dict for a group of keys in one line.
        reason: Why it is so, or what it does; may be empty.
    """

    key: str
    value: Any
    reason: str = ""


def values_of(settings: Iterable[Setting]) -> dict[str, dict[str, Any]]:
    """Return settings as the nested values of a config."""
    values: dict[str, dict[str, Any]] = {}
    for setting in settings:
        section, _, name = setting.key.partition(".")
        values.setdefault(section, {})[name] = setting.value
    return values


def written(settings: Sequence[Setting], heading: Sequence[str]) -> str:
    """Return a config in YAML, with comments.

    Args:
        settings: Those of a section follow one another.
        heading: Lines of a comment before it.
    """
    lines = [f"# {printable(line)}" for line in heading]
    for section, members in groupby(settings, lambda one: one.key.partition(".")[0]):
        lines.append(f"{section}:")
        lines += [_line(setting) for setting in members]
    return "\n".join(lines) + "\n"


def _line(setting: Setting) -> str:
    """Return a key with its value, and its reason as a comment."""
    line = f"  {setting.key.partition('.')[2]}: {in_line(setting.value)}"
    return f"{line:<{COMMENT_COLUMN}} # {setting.reason}" if setting.reason else line


def in_line(value: Any) -> str:
    """Return a plain value as YAML, in one line.

    >>> in_line({"kind": "bpe", "size": 1000}), in_line("a: b"), in_line(0.05), in_line(None)
    ('{kind: bpe, size: 1000}', "'a: b'", '0.05', 'null')
    """
    listed: str = yaml.safe_dump(
        [value], default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False
    )
    return listed.strip()[1:-1]
