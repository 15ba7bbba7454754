"""``rnnlm show``."""

from __future__ import annotations

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.options import MODEL
from rnnlm_cli.report.checkpoint import checkpoint_table, checkpoint_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "as a table",
        "rnnlm show checkpoints/hello.pkl",
        "as JSON, for scripts",
        "rnnlm show checkpoints/hello.pkl --json",
    )
)
@click.argument("file", type=MODEL)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(file: str, as_json: bool) -> None:
    """Show what a checkpoint holds: sizes, vocabulary, training history, config."""
    stored = checkpoint.load(file)
    values = checkpoint_values(file, stored)
    print_result(json_line(values) if as_json else checkpoint_table(values, stored.model))
