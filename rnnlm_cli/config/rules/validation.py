"""Rules for what needs a validation text."""

from __future__ import annotations

from rnnlm_cli.config.optimizer import NtAsgd
from rnnlm_cli.config.rules.rule import Rule
from rnnlm_cli.config.schedule import Plateau
from rnnlm_cli.config.schema import Config

VALID = (
    "needs a validation text, but corpus.valid is not given",
    "set it to a file or a fraction such as 0.05",
)

RULES = (
    Rule(
        lambda c: _unwatched(c) and c.training.patience is not None,
        "training.patience needs corpus.valid",
        "training.patience",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and c.training.validate_every is not None,
        "training.validate_every needs corpus.valid",
        "training.validate_every",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and isinstance(c.training.schedule, Plateau),
        "training.schedule.kind: plateau needs corpus.valid",
        "training.schedule",
        *VALID,
    ),
    Rule(
        lambda c: _unwatched(c) and isinstance(c.training.optimizer, NtAsgd),
        "training.optimizer.kind: ntasgd needs corpus.valid",
        "training.optimizer",
        *VALID,
    ),
)


def _unwatched(config: Config) -> bool:
    return config.corpus.valid is None
