"""``rnnlm plot``: the group of pictures."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "gradients": ("rnnlm_cli.commands.plot.gradients", "The gradient's norm through time."),
    "training": ("rnnlm_cli.commands.plot.training", "Learning curves from NAME.jsonl."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Draw a picture, PNG or SVG; needs matplotlib.

    Install it with: pip install 'rnnlm-cli[plot]'
    """
