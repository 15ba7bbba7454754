"""``rnnlm plot training``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import PICTURE, PathName, check_outputs, overwrite_option
from rnnlm_cli.config.run_names import LOG
from rnnlm_cli.report.figure import check_picture, draw
from rnnlm_cli.report.training import read_curves, training_panels


@click.command(
    "training",
    epilog=examples(
        "two trainings",
        "rnnlm plot training checkpoints/a.jsonl checkpoints/b.jsonl --out curves.png",
    ),
)
@click.argument("logs", type=PathName(LOG, f"{LOG}.gz"), nargs=-1, required=True)
@click.option(
    "--out",
    type=PICTURE,
    metavar="FILE",
    default="training.png",
    show_default=True,
    help="Picture, PNG or SVG.",
)
@overwrite_option
def command(logs: tuple[str, ...], out: str, overwrite: bool) -> None:
    """Learning curves of one or more trainings, from their logs (NAME.jsonl, or .gz)."""
    check_picture(out)
    check_outputs([out], overwrite)
    draw(out, training_panels([read_curves(log) for log in logs]), overwrite)
    note(f"wrote {out}")
