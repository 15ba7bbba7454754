"""``rnnlm eval``: the group of evaluations."""

from __future__ import annotations

import click

from rnnlm_cli.commands.group import LazyGroup

COMMANDS = {
    "perplexity": ("rnnlm_cli.commands.eval_perplexity", "Exact perplexity of a corpus."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Tell how well a model predicts a text."""
