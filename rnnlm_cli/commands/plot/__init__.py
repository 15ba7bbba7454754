"""``rnnlm plot``: the group of pictures."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "attention": (
        "rnnlm_cli.commands.plot.attention",
        "Which tokens of TEXT each token of its translation looks at.",
    ),
    "calibration": (
        "rnnlm_cli.commands.plot.calibration",
        "Whether the model's probabilities are what they say.",
    ),
    "embedding": ("rnnlm_cli.commands.plot.embedding", "A map of words by their vectors."),
    "flow": (
        "rnnlm_cli.commands.plot.flow",
        "How far a gradient gets back in a trained model.",
    ),
    "gates": (
        "rnnlm_cli.commands.plot.gates",
        "The gates over TEXT, and how often each is saturated.",
    ),
    "gradients": ("rnnlm_cli.commands.plot.gradients", "The gradient's norm through time."),
    "memory": ("rnnlm_cli.commands.plot.memory", "How many tokens back still matter."),
    "neurons": (
        "rnnlm_cli.commands.plot.neurons",
        "TEXT colored by what single units of the network remember.",
    ),
    "surprise": (
        "rnnlm_cli.commands.plot.surprise",
        "TEXT with each token colored by its nats, and the alternatives.",
    ),
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
        "what surprises the newest model",
        "rnnlm plot surprise 'you say goodbye' --out surprised.png",
    ),
)
def command() -> None:
    """Draw a picture, PNG or SVG; needs matplotlib.

    Install it with: pip install 'rnnlm-cli[plot]'
    """
