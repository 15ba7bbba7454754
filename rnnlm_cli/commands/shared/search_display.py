"""What is said about a search: before it, trial by trial, and at its end."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.training_lines import NO_LOCKS
from rnnlm_cli.commands.shared.trial_display import display
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import RnnlmError
from rnnlm_cli.report.search import outcome_line, search_table, search_values, values_line
from rnnlm_cli.report.table import columns
from rnnlm_cli.search.plan import Plan
from rnnlm_cli.search.records import ENDED, Record
from rnnlm_cli.search.run import Search
from rnnlm_cli.search.trial import Trial
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.train.checks import training_notes, validation_notes
from rnnlm_cli.train.poll import Poll
from rnnlm_cli.train.start import Start


def run(plan: Plan, start: Start, poll: Poll) -> list[Record]:
    """Run trials until there are enough; return all."""
    search = Search(plan, start, poll)
    announce(plan, search, start)
    told = False

    def run_trial(trial: Trial) -> None:
        nonlocal told
        label = f"trial {trial.number}"
        note(f"{label}{', resumed' if trial.is_resumed else ''}: {values_line(plan, trial.values)}")
        with announced(codec_of(plan.base).preparation):
            trial.prepare()
        if trial.session is not None and not told:
            told = True
            texts = trial.session.texts
            for line in [*training_notes(plan.base, texts), *validation_notes(texts)]:
                note(line)
            if not search.excludes:
                note(f"{plan.directory.path}: {NO_LOCKS}")
        display(trial, poll)

    while (record := search.next(run_trial)) is not None:
        records = search.records()
        best = " (best)" if plan.objective.best_of(records) == record else ""
        note(f"trial {record.number}: {outcome_line(plan, record)}{best}")
        poll()
    return search.records()


def announce(plan: Plan, search: Search, start: Start) -> None:
    """Print what is about to be searched."""
    records, where = search.records(), plan.directory.path
    if search.is_new and start is Start.RESUME:
        note(f"{where}: no study yet; beginning one")
    if not search.is_new:
        ended = sum(record.state in ENDED for record in records)
        note(f"{where}: {ended} of {plan.trials} trials have ended")
    for record in records:
        if record.state == "stopped":
            note(f"trial {record.number}: was stopped or killed; it is resumed")


def plan_text(plan: Plan) -> str:
    """Return what a dry run prints."""
    axes = {axis.key: axis.text for axis in plan.space.axes}
    width = max(map(len, axes)) + 2
    what = f"{plan.trials} trials by {plan.sampler}, pruner {plan.pruner}, seed {plan.seed}"
    return "\n".join([what, *columns(axes, width), f"study in {plan.directory.path}"])


def show(plan: Plan, records: Sequence[Record], as_json: bool) -> None:
    """Print all trials, the best last.

    Raises:
        RnnlmError: None was completed.
    """
    for values in search_values(plan, records) if as_json else ():
        print_result(json_line(values))
    if not as_json:
        print_result("\n".join(search_table(plan, records)))
    running = sum(record.state == "running" for record in records)
    if running:
        note("other processes still run trials")
    best = plan.objective.best_of(records)
    if best is not None:
        note(f"best: trial {best.number}; its model: {plan.directory.model(best.number)}")
        note(f"next: rnnlm train --config {shlex.quote(str(plan.directory.best))}")
    elif not running:
        raise RnnlmError(
            "no trial was completed",
            place=str(plan.directory.path),
            remedy="use {resume=True} and {json} to see why each ended",
        )
