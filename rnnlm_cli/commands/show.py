"""``rnnlm show``."""

from __future__ import annotations

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.options import MODEL_OR_LOG
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.errors import UsageError
from rnnlm_cli.report.checkpoint import checkpoint_table, checkpoint_values
from rnnlm_cli.report.log import is_log, log_table, log_values, read_log
from rnnlm_cli.report.models import models_table
from rnnlm_cli.report.system import system_table, system_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "as a table",
        "rnnlm show checkpoints/hello.pkl",
        "several, side by side",
        "rnnlm show checkpoints/hello.pkl checkpoints/hello.last.pkl",
        "a training's log",
        "rnnlm show checkpoints/hello.jsonl",
        "processor, engine, BLAS and cores of this machine",
        "rnnlm show --system",
        "as JSON, for scripts",
        "rnnlm show checkpoints/hello.pkl --json",
    )
)
@click.argument(
    "files",
    metavar="FILE...",
    type=MODEL_OR_LOG,
    nargs=-1,
)
@click.option("--system", is_flag=True, help="Show what computes on this machine instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each file.")
@partners(excludes("--system", "files"))
def command(files: tuple[str, ...], system: bool, as_json: bool) -> None:
    """Show what a checkpoint holds, compare several, or sum up a training's log.

    Of one checkpoint: sizes, vocabulary, by which version and from which texts it was made,
    training history, config. Of several: a table with the settings that differ and the figures of
    the best validation; a star marks figures of training where there was none. Of a log
    (NAME.jsonl, or .gz): every epoch, and how it ended.
    """
    if not system and not files:
        raise click.UsageError("Missing argument 'FILE...'; name one, or use --system")
    if system:
        values = system_values()
        print_result(json_line(values) if as_json else system_table(values))
        return
    logs = [path for path in files if is_log(path)]
    if logs and len(logs) < len(files):
        raise UsageError(f"{logs[0]}: is a log; show logs and checkpoints with a command each")
    if logs:
        shown = []
        for path in logs:
            lines = read_log(path)
            values = log_values(path, lines)
            shown.append(json_line(values) if as_json else log_table(values, lines))
        print_result(("\n" if as_json else "\n\n").join(shown))
        return
    if len(files) > 1 and not as_json:
        print_result(models_table([(path, checkpoint.load_any(path)) for path in files]))
        return
    for path in files:
        stored = checkpoint.load_any(path)
        values = checkpoint_values(path, stored)
        print_result(json_line(values) if as_json else checkpoint_table(values, stored.model))
