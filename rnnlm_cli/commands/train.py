"""``rnnlm train``."""

from __future__ import annotations

import shlex
from contextlib import nullcontext

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import by_all_ranks
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.network import MOST_MACHINES, NetworkSpeed
from rnnlm_cli.commands.shared.options import (
    FiniteRange,
    WholeRange,
    config_option,
    note_other_names,
    set_option,
)
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.ranks import ranks
from rnnlm_cli.commands.shared.stopping import signals
from rnnlm_cli.commands.shared.training_display import display
from rnnlm_cli.commands.shared.training_lines import finished_line
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.config import load_config
from rnnlm_cli.data.texts import codec_of
from rnnlm_cli.report.run import run_table, run_values
from rnnlm_cli.report.scaling import scaling_table, scaling_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.train.checks import training_notes, validation_notes, warnings_among
from rnnlm_cli.train.parallel import ALONE, Group
from rnnlm_cli.train.poll import Stopped
from rnnlm_cli.train.progress import limits_reached
from rnnlm_cli.train.scaling import Network, expected_work
from rnnlm_cli.train.session import Session
from rnnlm_cli.train.speed import expected_seconds
from rnnlm_cli.train.start import Start, begin
from rnnlm_cli.train.tuning import model_to_continue


@click.command(
    epilog=examples(
        "train the model of a config",
        "rnnlm train --config configs/hello.yaml",
        "check the config, print sizes, train nothing",
        "rnnlm train --config configs/ptb-lstm.yaml --dry-run",
        "how fast would up to 16 machines be?",
        "rnnlm train --config configs/ptb-lstm.yaml --dry-run --machines 16 --network 1gbit",
        "change keys for this training",
        "rnnlm train --config configs/ptb-lstm.yaml --set training.epochs=10 --set model.layers=2",
        "continue where a training was stopped",
        "rnnlm train --config configs/ptb-lstm.yaml --resume",
    )
)
@config_option
@set_option
@click.option("--resume", is_flag=True, help="Continue from the last saved state.")
@click.option("--overwrite", is_flag=True, help="Start over, replacing existing files.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything; print sizes and the time that it will take; do not train.",
)
@click.option(
    "--no-cache",
    is_flag=True,
    help="Do not store the ids of a large text in the directory .rnnlm beside it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print --dry-run as one JSON object.")
@click.option(
    "--machines",
    type=WholeRange(2, MOST_MACHINES),
    metavar="N",
    help="Print how fast up to N machines like this one would train together.",
)
@click.option(
    "--network",
    type=NetworkSpeed(),
    default="10gbit",
    show_default=True,
    help="The network between them, such as 1gbit, 800mbit or 10gbit,50us (with its latency).",
)
@click.option(
    "--tokens-per-second",
    type=FiniteRange(0, min_open=True),
    metavar="X",
    help="The speed of one of them.  [default: measured on this machine]",
)
@partners(
    excludes("--resume", "--overwrite"),
    needs("--json", "--dry-run"),
    needs("--machines", "--dry-run"),
    needs("--network", "--machines"),
    needs("--tokens-per-second", "--machines"),
)
@by_all_ranks
def command(
    config_path: str,
    overrides: tuple[str, ...],
    resume: bool,
    overwrite: bool,
    dry_run: bool,
    no_cache: bool,
    as_json: bool,
    machines: int | None,
    network: Network,
    tokens_per_second: float | None,
) -> None:
    """Train a model from a YAML config.

    The config's checkpoint.path is NAME.pkl. Writes NAME.pkl (the best model by validation, or the
    last), NAME.last.pkl (the state for --resume) and NAME.jsonl (the log). Ctrl-C saves the state
    and stops.
    """
    with ranks() as group:
        if dry_run and not group.leads:  # a dry run is one process's
            return
        config = load_config(config_path, overrides, "--set", model_to_continue(resume))
        start = Start.RESUME if resume else Start.OVERWRITE if overwrite else Start.NEW
        with announced(codec_of(config).preparation) if group.leads else nullcontext():
            session = begin(config, start, dry_run, not no_cache, ALONE if dry_run else group)
        if not group.leads:
            follow(session)
            return
        if session.finished:
            reached = limits_reached(config.training, session.trainer.progress)
            note(finished_line(config.checkpoint.path, reached))
            return
        notes: list[str] = []
        if not session.is_resumed:  # they are printed once, at the beginning
            notes += training_notes(config, session.texts)
            notes += [*session.notes, *validation_notes(session.texts)]
        for line in notes:
            note(line)
        if dry_run:
            seconds = expected_seconds(session)
            values = run_values(session, seconds, warnings_among(notes))
            shown = run_table(session, seconds)
            if machines is not None and seconds is not None:
                work = expected_work(session, machines, tokens_per_second)
                values["scaling"] = work and scaling_values(work, network, machines)
                shown += f"\n\n{scaling_table(work, network, machines)}" if work else ""
            print_result(json_line(values) if as_json else shown)
            return
        announce(session, resume)
        sets = [word for override in overrides for word in ("--set", override)]
        train = ["rnnlm", "train", "--config", config_path, *sets, "--resume"]
        again = shlex.join([*group.launcher, *train])
        with signals() as (poll, caught):
            try:
                display(session, poll)
            except Stopped:
                note(f"stopped and saved; to resume: {again}")
                raise click.exceptions.Exit(128 + stopping_signal(group, caught)) from None


def follow(session: Session) -> None:
    """Train with rank 0, which shows progress and writes the files."""
    if session.finished:
        return
    with signals() as (poll, caught):
        try:
            for _ in session.events(poll):
                pass
        except Stopped:
            number = stopping_signal(session.group, caught)
            raise click.exceptions.Exit(128 + number) from None


def stopping_signal(group: Group, caught: list[int]) -> int:
    """Return the signal that stopped the first of the ranks that got one."""
    return next(number for numbers in group.gather(caught) for number in numbers)


def announce(session: Session, resume: bool) -> None:
    """Print what is about to be trained."""
    if session.is_resumed:
        progress = session.trainer.progress
        note(f"resuming at epoch {progress.epoch + 1}, step {progress.step}")
        for line in session.notes:
            note(line)
    elif resume:
        note(f"{session.files.last}: no saved state; training from the beginning")
    note_other_names([session.files.model, session.files.last, session.files.rollback])
    texts, frozen = session.texts, session.model.frozen_count
    of_them = f" ({frozen:,} of them frozen)" if frozen else ""
    note(
        f"{len(texts.train):,} tokens, {len(texts.vocabulary):,} in the vocabulary, "
        f"{session.model.parameter_count:,} parameters{of_them}, "
        f"{session.trainer.total_steps:,} steps"
    )
    if session.group.size > 1:
        hosts = ", ".join(dict.fromkeys(session.group.hosts))
        note(f"{session.group.size} ranks on {hosts}; {session.group.mpi}")
