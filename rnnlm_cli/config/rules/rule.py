"""One rule between keys: what the table of rules has rows of."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rnnlm_cli.config.schema import Config


class Rule(NamedTuple):
    """One rule.

    The message is key, problem, remedy. In the latter two, ``{value}`` is the key's value, and
    ``{c.model.cell}`` that of another key.
    """

    broken: Callable[[Config], bool]
    law: str  # what holds where it is not broken; it names every key concerned
    key: str  # the key to correct; an error names its line
    problem: str
    remedy: str
