"""``rnnlm tune``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.options import CONFIG, DIRECTORY, SETTING, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, given, partners
from rnnlm_cli.commands.shared.stopping import signals
from rnnlm_cli.commands.shared.training_lines import NO_LOCKS
from rnnlm_cli.commands.shared.trial_display import display
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.config import load_config
from rnnlm_cli.config.run_names import stem_of
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.errors import RnnlmError, UsageError
from rnnlm_cli.report.search import outcome_line, search_table, search_values, values_line
from rnnlm_cli.report.table import columns
from rnnlm_cli.search.directory import STUDY_FILES, StorageName, StudyDirectory
from rnnlm_cli.search.plan import TRIALS, Plan
from rnnlm_cli.search.records import ENDED, Record, best_of
from rnnlm_cli.search.run import Search
from rnnlm_cli.search.space import Axis, axis_of
from rnnlm_cli.search.study import PrunerName, SamplerName
from rnnlm_cli.search.trial import Trial
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.train.checks import training_notes, validation_notes
from rnnlm_cli.train.poll import Poll, Stopped
from rnnlm_cli.train.start import Start
from rnnlm_cli.train.tuning import model_to_continue

MOST_SEED = 2**32 - 1


@click.command(
    epilog=examples(
        "find a learning rate, by 20 trainings",
        "rnnlm tune --config configs/ptb-lstm.yaml --search "
        "training.optimizer.learning_rate=log:1..100",
        "every combination of two lists",
        "rnnlm tune --config c.yaml --sampler grid --search model.cell=lstm,gru "
        "--search model.layers=1,2",
        "continue a study, or work on it from a second process or machine",
        "rnnlm tune --config c.yaml --search model.hidden_size=100..300 --trials 50 --resume",
    )
)
@click.option(
    "--config", "config_path", type=CONFIG, metavar="FILE", required=True, help="The YAML config."
)
@click.option(
    "--search",
    "searched",
    type=SETTING,
    metavar="KEY=VALUES",
    multiple=True,
    required=True,
    help="A key, and the values to try. Repeatable.",
)
@click.option(
    "--set",
    "overrides",
    type=SETTING,
    metavar="KEY=VALUE",
    multiple=True,
    help="Override another key, as for rnnlm train. Repeatable.",
)
@click.option(
    "--trials",
    type=WholeRange(min=1),
    help=f"Trials of the whole study, by all processes.  [default: {TRIALS}; of a grid, all]",
)
@click.option(
    "--sampler",
    type=click.Choice(["tpe", "random", "grid"]),
    default="tpe",
    show_default=True,
    help="tpe learns from earlier trials; grid tries every combination.",
)
@click.option(
    "--pruner",
    type=click.Choice(["median", "halving", "none"]),
    default="median",
    show_default=True,
    help="End a trial that is worse than the median of the others, or than half of them.",
)
@click.option(
    "--seed",
    type=WholeRange(0, MOST_SEED),
    default=1,
    show_default=True,
    help="Random seed of the sampler.",
)
@click.option(
    "--study",
    "directory",
    type=DIRECTORY,
    metavar="DIR",
    help="Directory of the study.  [default: NAME.tune, where checkpoint.path is NAME.pkl]",
)
@click.option(
    "--storage",
    type=click.Choice([*STUDY_FILES]),
    default="journal",
    show_default=True,
    help="File of a new study; a journal can also be shared over a network file system.",
)
@click.option("--keep-models", is_flag=True, help="Keep the model of each trial.")
@click.option(
    "--resume", is_flag=True, help="Continue a study, or join it; begin one if there is none."
)
@click.option("--overwrite", is_flag=True, help="Start over, removing the study and its trials.")
@click.option("--dry-run", is_flag=True, help="Check the config and all values; train nothing.")
@click.option(
    "--no-cache",
    is_flag=True,
    help="Do not store the ids of a large text in the directory .rnnlm beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per trial.")
@partners(
    excludes("--resume", "--overwrite"),
    excludes("--dry-run", "--json"),
    excludes(
        "--sampler", "--seed", when=lambda name: name == "grid", because="a grid is not drawn"
    ),
)
def command(
    config_path: str,
    searched: tuple[str, ...],
    overrides: tuple[str, ...],
    trials: int | None,
    sampler: SamplerName,
    pruner: PrunerName,
    seed: int,
    directory: str | None,
    storage: StorageName,
    keep_models: bool,
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    no_cache: bool,
    as_json: bool,
) -> None:
    """Search for the best config: train with other values, compare on the validation text.

    VALUES are a list, such as 128,256 or null,0.25, in which each value is YAML, or a range.
    0.0..0.6 is any number between the two, or any whole number if the key takes only these.
    64..512/64 is in steps of 64. log:1e-4..1e-1 tries each factor of ten as often as another. Every
    value is checked before the first trial. A key that only one kind of a section has, such as the
    momentum of an optimizer, is searched in the trials of that kind.

    All files are in one directory, DIR: the study, a log per trial, the model of the best trial,
    and best.yaml, a config that trains to the same figure. Several processes, also on several
    machines that share the directory, work on one study if each is started with --resume; then set
    training.threads too. A trial whose process was stopped or killed is resumed from its last saved
    state. With one process the same seed gives the same trials. Needs Optuna, the extra 'tune'.
    """
    base = load_config(config_path, overrides, "--set", model_to_continue(resume))
    plan = Plan(
        path=config_path,
        sets=overrides,
        option="--search",
        base=base,
        axes=axes_of(searched, overrides),
        directory=StudyDirectory(directory or f"{stem_of(base.checkpoint.path)}.tune"),
        storage=storage,
        sampler=sampler,
        pruner=pruner,
        seed=seed,
        wanted=trials,
        keep_models=keep_models,
        cache=not no_cache,
    )
    plan.check()
    if dry_run:
        print_result(plan_text(plan))
        return
    start = Start.RESUME if resume else Start.OVERWRITE if overwrite else Start.NEW
    with signals() as (poll, caught):
        try:
            records = run(plan, start, poll)
        except Stopped:
            note(f"stopped and saved; to resume: {resuming_line()}")
            sys.exit(128 + caught[0])
    show(plan, records, as_json)


def axes_of(searched: Sequence[str], overrides: Sequence[str]) -> list[Axis]:
    """Read all --search; refuse a key that --set gives too."""
    axes = [axis_of(written, "--search") for written in searched]
    given_too = {override.partition("=")[0] for override in overrides}
    for axis in axes:
        if axis.key in given_too:
            raise UsageError(f"{axis.key} is searched, and --set gives it a value; omit one")
    return axes


def resuming_line() -> str:
    """Return the command line that resumes this one."""
    context = click.get_current_context()
    words = ["rnnlm", "tune"]
    for option in context.command.params:
        name, value = option.opts[0], context.params[str(option.name)]
        if not given(context, name) or name in ("--resume", "--overwrite"):
            continue
        values = value if option.multiple else [value]
        words += [name] if value is True else [w for one in values for w in (name, str(one))]
    return shlex.join([*words, "--resume"])


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
        best = " (best)" if best_of(records) == record else ""
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
    best = best_of(records)
    if best is not None:
        note(f"best: trial {best.number}; its model: {plan.directory.model(best.number)}")
        note(f"next: rnnlm train --config {shlex.quote(str(plan.directory.best))}")
    elif not running:
        raise RnnlmError(
            "no trial was completed",
            place=str(plan.directory.path),
            remedy="use {resume=True} and {json} to see why each ended",
        )
