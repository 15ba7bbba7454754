"""Combinations of keys that are not allowed: one table, one rule per row."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Literal, NamedTuple

from rnnlm_cli.config.model import WITH_FORGET_GATE, AdaptiveSoftmax
from rnnlm_cli.config.schema import Config, value_at
from rnnlm_cli.config.training import NtAsgd, Plateau


class Rule(NamedTuple):
    """One rule.

    The message is key, problem, remedy. In the latter two, ``{value}`` is the key's value, and
    ``{c.model.cell}`` that of another key.
    """

    broken: Callable[[Config], bool]
    key: str  # the key to correct; an error names its line
    problem: str
    remedy: str


VALID = (
    "needs a validation text, but corpus.valid is not given",
    "set it to a file or a fraction such as 0.05",
)
LOWER = (
    "{value} cannot occur in a text that corpus.lowercase made lower case",
    "write it in lower case",
)

OTHER_FORM = (
    "{value} cannot occur in a text that corpus.normalize made {c.corpus.normalize}",
    "write it in that form",
)

RULES = (
    Rule(
        lambda c: c.corpus.unknown == c.corpus.end_of_line,
        "corpus.unknown",
        "is {value}, and so is corpus.end_of_line",
        "choose two different tokens",
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
    Rule(lambda c: not _is_normal(c, c.corpus.unknown), "corpus.unknown", *OTHER_FORM),
    Rule(lambda c: not _is_normal(c, c.corpus.end_of_line), "corpus.end_of_line", *OTHER_FORM),
    Rule(
        lambda c: c.model.direction == "bidirectional" and c.corpus.end_of_line is None,
        "model.direction",
        "bidirectional reads line by line",
        "set corpus.end_of_line to a token such as <eos>",
    ),
    Rule(
        lambda c: c.model.tie_weights and isinstance(c.model.output_layer, AdaptiveSoftmax),
        "model.tie_weights",
        "needs a matrix like the embedding's, but an adaptive output layer has none",
        "set it to false, or use kind: sampled",
    ),
    Rule(
        lambda c: c.model.forget_bias != 0 and c.model.cell not in WITH_FORGET_GATE,
        "model.forget_bias",
        "is for forget gates, but model.cell {c.model.cell} has none",
        "omit it, or use model.cell: lstm",
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
"""All rules; of several broken ones the first is reported."""


def broken_rule(config: Config) -> tuple[str, str] | None:
    """Return the key of the first broken rule and its message; ``None`` if none is broken."""
    for rule in RULES:
        if rule.broken(config):
            said = f"{rule.key} {rule.problem}; {rule.remedy}"
            return rule.key, said.format(c=config, value=value_at(config, rule.key))
    return None


def _is_lower(token: str | None) -> bool:
    return token is None or token == token.lower()


def _is_normal(config: Config, token: str | None) -> bool:
    forms: dict[str | None, Literal["NFC", "NFKC"]] = {"nfc": "NFC", "nfkc": "NFKC"}
    form = forms.get(config.corpus.normalize)
    return token is None or form is None or unicodedata.is_normalized(form, token)


def _unwatched(config: Config) -> bool:
    return config.corpus.valid is None
