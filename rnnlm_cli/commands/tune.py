"""``rnnlm tune``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import by_all_ranks
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.options import (
    DIRECTORY,
    SETTING,
    WholeRange,
    config_option,
    set_option,
)
from rnnlm_cli.commands.shared.partners import excludes, given, partners
from rnnlm_cli.commands.shared.search_display import plan_text, run, show
from rnnlm_cli.commands.shared.stopping import signals
from rnnlm_cli.config import load_config
from rnnlm_cli.config.run_names import stem_of
from rnnlm_cli.errors import UsageError
from rnnlm_cli.search.axis import Axis, axis_of
from rnnlm_cli.search.directory import STUDY_FILES, StorageName, StudyDirectory
from rnnlm_cli.search.plan import TRIALS, Plan
from rnnlm_cli.search.study import PrunerName, SamplerName
from rnnlm_cli.train.poll import Stopped
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
@config_option
@click.option(
    "--search",
    "searched",
    type=SETTING,
    metavar="KEY=VALUES",
    multiple=True,
    required=True,
    help="A key, and the values to try. Repeatable.",
)
@set_option
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
@by_all_ranks  # each works on the study by itself
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
