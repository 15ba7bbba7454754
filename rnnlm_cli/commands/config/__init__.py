"""``rnnlm config``: the group of what is about configs."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "check": ("rnnlm_cli.commands.config.check", "Say whether a config is valid, or what is not."),
    "explain": ("rnnlm_cli.commands.config.explain", "Explain a key: its meaning and values."),
    "schema": ("rnnlm_cli.commands.config.schema", "Print the JSON Schema of a config."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=examples(
        "what a key means",
        "rnnlm config explain training.on_nan",
        "is this config valid?",
        "rnnlm config check configs/hello.yaml",
    ),
)
def command() -> None:
    """Check or explain a config."""
