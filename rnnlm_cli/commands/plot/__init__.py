"""``rnnlm plot``: the group of pictures."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "gradients": ("rnnlm_cli.commands.plot.gradients", "The gradient's norm through time."),
    "training": ("rnnlm_cli.commands.plot.training", "Learning curves from NAME.jsonl."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=examples(
        "the learning curve of a training",
        "rnnlm plot training checkpoints/hello.jsonl --out training.png",
        "vanishing and exploding gradients",
        "rnnlm plot gradients --out gradients.png",
    ),
)
def command() -> None:
    """Draw a picture, PNG or SVG; needs matplotlib.

    Install it with: pip install 'rnnlm-cli[plot]'
    """
