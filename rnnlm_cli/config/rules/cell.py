"""Rules for what only some cells have."""

from __future__ import annotations

from rnnlm_cli.config.model import WITH_FORGET_GATE, MogrifierConfig
from rnnlm_cli.config.rules.rule import Rule

FEW_ROUNDS = MogrifierConfig().rounds
OTHER_CELL = (
    "is for model.cell: mogrifier, but model.cell is {c.model.cell}",
    "omit it, or use model.cell: mogrifier",
)

RULES = (
    Rule(
        lambda c: c.model.forget_bias != 0 and c.model.cell not in WITH_FORGET_GATE,
        f"model.forget_bias is for model.cell: {', '.join(WITH_FORGET_GATE)}",
        "model.forget_bias",
        "is for forget gates, but model.cell {c.model.cell} has none",
        "omit it, or use model.cell: lstm",
    ),
    Rule(
        lambda c: c.model.mogrifier.rounds != FEW_ROUNDS and c.model.cell != "mogrifier",
        "model.mogrifier.rounds is for model.cell: mogrifier",
        "model.mogrifier.rounds",
        *OTHER_CELL,
    ),
    Rule(
        lambda c: c.model.mogrifier.rank is not None and c.model.cell != "mogrifier",
        "model.mogrifier.rank is for model.cell: mogrifier",
        "model.mogrifier.rank",
        *OTHER_CELL,
    ),
    Rule(
        lambda c: c.model.dropout.weight > 0 and c.model.cell == "sru",
        "model.dropout.weight is not for model.cell: sru",
        "model.dropout.weight",
        "is for recurrent weights, but model.cell sru has none",
        "omit it, or use another cell",
    ),
)
