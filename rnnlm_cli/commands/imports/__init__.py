"""``rnnlm import``: the group of other programs' formats."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "notes": ("rnnlm_cli.commands.imports.notes", "The pickled weights of the course notes' code."),
    "safetensors": (
        "rnnlm_cli.commands.imports.safetensors",
        "Weights of PyTorch's example, or what rnnlm export wrote.",
    ),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Make a checkpoint of another program's weights."""
