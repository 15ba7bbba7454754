"""Combinations of keys that are not allowed: one table, one rule per row, a file per subject."""

from __future__ import annotations

import re

from rnnlm_cli.config.rules import (
    cell,
    device,
    direct,
    lines,
    output,
    start,
    tasks,
    tokens,
    training,
    validation,
)
from rnnlm_cli.config.schema import Config, value_at

RULES = (
    *tokens.RULES,
    *lines.RULES,
    *output.RULES,
    *cell.RULES,
    *direct.RULES,
    *start.RULES,
    *training.RULES,
    *device.RULES,
    *validation.RULES,
    *tasks.RULES,
)
"""All rules; of several broken ones the first is reported."""


def laws_about(key: str) -> list[str]:
    """Return the laws that name a key or its section."""
    names = f"{re.escape(key)}|{re.escape(key.rpartition('.')[0])}" if key.count(".") > 1 else key
    named = re.compile(rf"(?<![\w.])({names})(?!\.?\w)")
    return [rule.law for rule in RULES if named.search(rule.law)]


def broken_rule(config: Config) -> tuple[str, str] | None:
    """Return the key of the first broken rule and its message; ``None`` if none is broken."""
    for rule in RULES:
        if rule.broken(config):
            said = f"{rule.key} {rule.problem}; {rule.remedy}"
            return rule.key, said.format(c=config, value=value_at(config, rule.key))
    return None
