"""The trials of a search as a table, as lines and as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rnnlm_cli.config.differences import as_written
from rnnlm_cli.report.table import cell, duration, padded
from rnnlm_cli.search.plan import Plan
from rnnlm_cli.search.records import Objective, Record
from rnnlm_cli.system.width import display_width


def search_values(plan: Plan, records: Sequence[Record]) -> list[dict[str, Any]]:
    """Return each trial with its JSON names."""
    best = plan.objective.best_of(records)
    return [
        {
            "trial": record.number,
            "state": record.state,
            plan.objective.key: record.outcome.value,
            "values": record.values,
            "epochs": record.outcome.epochs,
            "seconds": record.outcome.seconds,
            "reason": record.outcome.reason or None,
            "best": record is best,
            "checkpoint": str(plan.directory.model(record.number)) if record is best else None,
            "config": str(plan.directory.best) if record is best else None,
        }
        for record in records
    ]


def search_table(plan: Plan, records: Sequence[Record]) -> list[str]:
    """Return the trials as lines, the best last; those without a figure come first."""
    best = plan.objective.best_of(records)
    names = short_names([axis.key for axis in plan.space.axes])
    rows = [["trial", plan.objective.name, "epochs", "time", "state", *names.values()]]
    for record in sorted(records, key=partial(_rank, plan.objective)):
        outcome, written = record.outcome, [written_value(record, key) for key in names]
        state = "best" if record is best else record.state
        measured = [
            cell(outcome.value, plan.objective.form),
            f"{outcome.epochs:g}",
            duration(outcome.seconds),
        ]
        rows.append([str(record.number), *measured, state, *written])
    widths = [max(map(display_width, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            padded(cell, width, right=number < 4)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def values_line(plan: Plan, values: Mapping[str, Any]) -> str:
    """Return what a trial tries in a few words."""
    names = short_names([axis.key for axis in plan.space.axes])
    return ", ".join(f"{names[key]} {as_written(value)}" for key, value in values.items())


def outcome_line(plan: Plan, record: Record) -> str:
    """Return how a trial ended in a few words."""
    outcome = record.outcome
    if outcome.value is None:
        return f"{record.state}: {outcome.reason}"
    after = f"after {outcome.epochs:g} epoch{'s' * (outcome.epochs != 1)}"
    value = cell(outcome.value, plan.objective.form)
    found = f"{plan.objective.name} {value} {after}, {duration(outcome.seconds)}"
    return f"{'' if record.state == 'complete' else f'{record.state}, '}{found}"


def short_names(keys: Sequence[str]) -> dict[str, str]:
    """Return the last part of each key; of those that share it, as many as tell them apart.

    >>> short_names(["model.dropout.input", "model.layers", "a.input"])
    {'model.dropout.input': 'dropout.input', 'model.layers': 'layers', 'a.input': 'a.input'}
    """
    return {
        key: next(
            (
                name
                for count in range(1, key.count(".") + 1)
                if [k for k in keys if f".{k}".endswith(f".{(name := _last(key, count))}")] == [key]
            ),
            key,
        )
        for key in keys
    }


def written_value(record: Record, key: str) -> str:
    """Return the value of a key in a trial as a config has it; a dash where it does not apply."""
    return as_written(record.values[key]) if key in record.values else "-"


def _last(key: str, count: int) -> str:
    return ".".join(key.split(".")[-count:])


def _rank(objective: Objective, record: Record) -> tuple[bool, bool, float, int]:
    """Order trials: without a figure, pruned, then complete ones, each from worse to better."""
    cost = objective.cost(record)
    complete = record.state == "complete"
    return cost is not None, complete, 0.0 if cost is None else -cost, -record.number
