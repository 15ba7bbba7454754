"""Writes ``docs/claims.md``: the text of ``claims_page.md``, with the figures of the log in it.

The text has no figure of its own, but fields in double braces:

    {{check NAME: KEY | FORMAT}}     of ``claim_checks.py``
    {{look RUN: KEY | FORMAT}}       of ``claim_trained.py``, median over the seeds
    {{runs GROUP}}                   a table of trainings
    {{predictions CLAIM}}            a table of what was predicted, and what came
    {{valid RUN}}                    validation perplexity, median over the seeds
    {{norm RUN: max | FORMAT}}       gradient norm in training, median over the seeds
    {{command RUN}}                  what trains it with seed 1
    {{lines TEXT}}                   lines of an excerpt
    {{apart RUN / RUN | FORMAT}}     largest difference of both, the same seed
    {{study RUN}}                    validation perplexity in ``make study``, one seed
"""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import claims
import study
from claim_runs import FEW, PREDICTIONS, ROOT, RUNS, Run

TEXT = Path(__file__).with_name("claims_page.md")
PAGE = ROOT / "docs" / "claims.md"
Log = dict[str, Any]


BASES = {"depth, Adam": "LSTM, Adam", "dropout": "", "dropout, RNN": "", "sides": ""}
"""The model that a group is compared with, where it is another or none."""


def shown(value: float) -> str:
    """Write a perplexity."""
    return "diverged" if math.isinf(value) else f"{value:,.2f}"


def spread(values: list[float]) -> str:
    """Write the least and the largest."""
    return f"{shown(min(values))} to {shown(max(values))}" if len(values) > 1 else "one seed"


def changed_by(run: Run) -> str:
    """Write what differs from the base."""
    known = FEW if run.name.startswith("few lines") else []  # the page says it above the table
    named = [f"`{key}`" for key in run.changed if key not in known] or ["nothing"]
    if run.variant:
        named.append(f"`claim_variants.py {run.variant}`")
    return ", ".join(named)


def runs_table(log: Log, group: str) -> str:
    """Write one row per training of a group, the base first."""
    rows = ["| model | changed | valid, median | all seeds | train |", "|---|---|---|---|---|"]
    for run in RUNS:
        base = run.name == BASES.get(group, "LSTM")
        if not (run.group == group or base) or run.name not in log["runs"]:
            continue
        found = claims.perplexities(log, run.name)
        ends = [one["train"][-1] for one in log["runs"][run.name].values() if one["train"]]
        learned = shown(median(ends)) if ends else "diverged"
        rows.append(
            f"| {run.name} | {changed_by(run)} | {shown(median(found))} | {spread(found)} "
            f"| {learned} |"
        )
    return "\n".join(rows)


def predictions_table(log: Log, claim: str) -> str:
    """Write one row per prediction of a claim."""
    rows = ["| predicted | first | second | found |", "|---|---|---|---|"]
    for one in PREDICTIONS:
        if str(one.claim) != claim or not {one.low, one.high} <= log["runs"].keys():
            continue
        medians = [shown(median(claims.perplexities(log, name))) for name in (one.low, one.high)]
        sign = "as" if one.equal else "below"
        rows.append(
            f"| {one.words}: {one.low} {sign} {one.high} | {medians[0]} | {medians[1]} "
            f"| {claims.outcome(log, one)} |"
        )
    return "\n".join(rows)


def check(log: Log, name: str) -> Any:
    """Return a figure of ``checks``, named ``GROUP: KEY``."""
    group, key = name.split(": ", 1)
    return log["checks"][group][key]


def over_seeds(part: str) -> Callable[[Log, str], Any]:
    """Return what gives the median of ``NAME: KEY`` in a part of each seed's figures."""

    def found(log: Log, name: str) -> Any:
        run, key = name.split(": ", 1)
        seeds = log["runs"][run].values()
        return median(one[part][key] for one in seeds if part in one)

    return found


def of_study(log: Log, name: str) -> str:
    """Write a perplexity of ``make study``."""
    run = next(one for one in study.RUNS if f"{one.group.split(',')[0]} {one.name}" == name)
    value = study.log_of(run)[-1].get("valid_perplexity")
    return shown(value if isinstance(value, float) else math.inf)


def apart(log: Log, names: str) -> float:
    """Return by how much two runs with the same seed differ at most."""
    one, other = (log["runs"][name] for name in names.split(" / "))
    return max(abs(one[seed]["valid"] - other[seed]["valid"]) for seed in one.keys() & other)


def command_of(log: Log, name: str) -> str:
    """Write the command that trains a model, to be typed in the checkout."""
    (run,) = (one for one in RUNS if one.name == name)
    words = shlex.join(claims.command(run, 1)).replace(f"{ROOT}/", "")
    return f"rnnlm {words.replace(' --overwrite', '')}"


FIELDS: dict[str, Callable[[Log, str], Any]] = {
    "check": check,
    "look": over_seeds("look"),
    "norm": over_seeds("norm"),
    "valid": lambda log, name: shown(median(claims.perplexities(log, name))),
    "apart": apart,
    "command": command_of,
    "lines": lambda log, name: f"{claims.LINES[name]:,}",
    "runs": runs_table,
    "predictions": predictions_table,
    "study": of_study,
}
"""What each kind of field stands for."""


def page(log: Log) -> str:
    """Return the page."""

    def value(field: re.Match[str]) -> str:
        kind, name, form = field[1], field[2], field[3] or ""
        return format(FIELDS[kind](log, name), form)

    pattern = r"\{\{(\w+) ([^|}]+?)(?: \| ([^}]+))?\}\}"
    return re.sub(pattern, value, TEXT.read_text(encoding="utf-8"))


def write_page() -> None:
    """Replace the page."""
    PAGE.write_text(page(claims.read_log()), encoding="utf-8")
