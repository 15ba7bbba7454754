"""``rnnlm plot training``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import newest_log
from rnnlm_cli.commands.shared.options import (
    PICTURE,
    PathName,
    WholeRange,
    check_outputs,
    overwrite_option,
)
from rnnlm_cli.commands.shared.pictures import note_picture
from rnnlm_cli.config.run_names import LOG
from rnnlm_cli.report.curves import Along, read_curves
from rnnlm_cli.report.figure import check_picture, draw
from rnnlm_cli.report.training import training_picture

AXES: dict[str, Along] = {"steps": "step", "tokens": "token", "time": "second"}


@click.command(
    "training",
    epilog=examples(
        "the newest training in checkpoints/",
        "rnnlm plot training",
        "two trainings that read different amounts per step",
        "rnnlm plot training checkpoints/a.jsonl checkpoints/b.jsonl --x tokens --out curves.pdf",
    ),
)
@click.argument("logs", type=PathName(LOG, f"{LOG}.gz"), nargs=-1)
@click.option(
    "--out",
    type=PICTURE,
    metavar="FILE",
    default="training.png",
    show_default=True,
    help="Picture, PNG, SVG or PDF.",
)
@click.option(
    "--x",
    "along",
    type=click.Choice(list(AXES)),
    default="steps",
    show_default=True,
    help="What the x axis counts. Steps of different batches are best compared by tokens.",
)
@click.option(
    "--smooth",
    type=WholeRange(0, 1_000_000),
    help="Average a report with N before it and N after it; 0 for none.  "
    "[default: a hundredth of the curve]",
)
@overwrite_option
def command(
    logs: tuple[str, ...], out: str, along: str, smooth: int | None, overwrite: bool
) -> None:
    """Learning curves of one or more trainings, from their logs (NAME.jsonl, or .gz).

    By default those of the newest log in checkpoints/, which may be of a training that runs.
    """
    check_picture(out)
    check_outputs([out], overwrite)
    if not logs:
        logs = (str(newest_log()),)
        note(f"using {logs[0]}")
    picture = training_picture([read_curves(log) for log in logs], AXES[along], smooth)
    note_picture(out, draw(out, picture.panels, overwrite, legend=True, caption=picture.caption))
