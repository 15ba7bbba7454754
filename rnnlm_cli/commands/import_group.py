"""``rnnlm import``: the group of other programs' formats."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.group import LazyGroup
from rnnlm_cli.commands.messages import note
from rnnlm_cli.commands.options import TEXT
from rnnlm_cli.errors import UsageError

COMMANDS = {
    "notes": ("rnnlm_cli.commands.import_notes", "The pickled weights of the course notes' code."),
    "safetensors": (
        "rnnlm_cli.commands.import_safetensors",
        "Weights of PyTorch's example, or what rnnlm export wrote.",
    ),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Make a checkpoint of another program's weights."""


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--out``, ``--overwrite`` and ``--unknown``."""
    options = [
        click.option(
            "--out", type=TEXT, metavar="FILE", required=True, help="Checkpoint to write, NAME.pkl."
        ),
        click.option("--overwrite", is_flag=True, help="Replace what is there."),
        click.option(
            "--unknown",
            type=TEXT,
            metavar="TOKEN",
            default="<unk>",
            show_default=True,
            help="The token of the vocabulary that stands for every other.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def check_out(out: str, overwrite: bool) -> None:
    """Refuse a place to write to, before any work.

    Raises:
        UsageError: The name does not end in .pkl, or is taken.
    """
    if not out.endswith(".pkl"):
        raise UsageError(f"--out {out}: a checkpoint's name ends in .pkl")
    if os.path.exists(out) and not overwrite:
        raise UsageError(f"{out}: is there already; add --overwrite, or name another --out")


def write_imported(saved: SavedModel, source: str, out: str) -> None:
    """Write the checkpoint and say what it is."""
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(out, saved)
    model = saved.config.model
    note(
        f"wrote {out}: {model.layers} x {model.cell} {model.hidden_size}, "
        f"{len(saved.vocabulary):,} tokens, {saved.model.parameter_count:,} parameters, "
        f"from {source}"
    )


def as_sources(texts: Sequence[str]) -> list[str]:
    """Return texts for a configuration, which knows standard input by no lasting name."""
    if "-" in texts:
        raise UsageError("--vocabulary -: name a file; the checkpoint keeps its name")
    return list(texts)
