"""What two keys of a configuration may not say together: one table, each rule one row."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rnnlm_cli.config.model import WITH_FORGET_GATE, AdaptiveSoftmax
from rnnlm_cli.config.schema import Config, value_at
from rnnlm_cli.config.training import NtAsgd, Plateau


class Rule(NamedTuple):
    """One row.

    Problem and remedy go on after the key. ``{value}`` in them is the key's value, and
    ``{c.model.cell}`` that of another.
    """

    broken: Callable[[Config], bool]
    key: str  # the one to correct, whose line an error names
    problem: str
    remedy: str


VALID = (
    "watches the validation text, and corpus.valid is not given",
    "give it a file or a fraction such as 0.05",
)
LOWER = (
    "{value} never stands in a text that corpus.lowercase made lower case",
    "write it in lower case",
)

RULES = (
    Rule(
        lambda c: c.corpus.unknown == c.corpus.end_of_line,
        "corpus.unknown",
        "is {value}, and so is corpus.end_of_line",
        "name two tokens",
    ),
    Rule(
        lambda c: c.corpus.lowercase and not _is_lower(c.corpus.unknown),
        "corpus.unknown",
        *LOWER,
    ),
    Rule(
        lambda c: c.corpus.lowercase and not _is_lower(c.corpus.end_of_line),
        "corpus.end_of_line",
        *LOWER,
    ),
    Rule(
        lambda c: c.model.direction == "bidirectional" and c.corpus.end_of_line is None,
        "model.direction",
        "bidirectional reads line by line",
        "give corpus.end_of_line a token such as <eos>",
    ),
    Rule(
        lambda c: c.model.tie_weights and isinstance(c.model.output_layer, AdaptiveSoftmax),
        "model.tie_weights",
        "needs a matrix like the embedding's, and an adaptive output layer has none",
        "set it to false, or take kind: sampled",
    ),
    Rule(
        lambda c: c.model.forget_bias != 0 and c.model.cell not in WITH_FORGET_GATE,
        "model.forget_bias",
        "is for forget gates, and a {c.model.cell} has none",
        "omit it, or take model.cell: lstm",
    ),
    Rule(lambda c: _unwatched(c) and c.training.patience is not None, "training.patience", *VALID),
    Rule(
        lambda c: _unwatched(c) and isinstance(c.training.schedule, Plateau),
        "training.schedule",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and isinstance(c.training.optimizer, NtAsgd),
        "training.optimizer",
        *VALID,
    ),
)
"""In the order in which they are told; of several that are broken the first one is."""


def broken_rule(config: Config) -> tuple[str, str] | None:
    """Return the key of the first rule that is broken, and the sentence; ``None`` for none."""
    for rule in RULES:
        if rule.broken(config):
            said = f"{rule.key} {rule.problem}; {rule.remedy}"
            return rule.key, said.format(c=config, value=value_at(config, rule.key))
    return None


def _is_lower(token: str | None) -> bool:
    return token is None or token == token.lower()


def _unwatched(config: Config) -> bool:
    return config.corpus.valid is None
