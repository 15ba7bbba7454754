"""``rnnlm import``: the group of other programs' formats."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "notes": ("rnnlm_cli.commands.imports.notes", "Pickled weights of the course notes' code."),
    "safetensors": (
        "rnnlm_cli.commands.imports.safetensors",
        "Weights of PyTorch's example or of rnnlm export.",
    ),
    "hub": (
        "rnnlm_cli.commands.imports.hub",
        "A directory that rnnlm export wrote for the Hugging Face Hub.",
    ),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=examples(
        "a model of rnnlm export or PyTorch's example",
        "rnnlm import safetensors model.safetensors --out checkpoints/model.pkl",
    ),
)
def command() -> None:
    """Make a checkpoint from another program's weights."""
