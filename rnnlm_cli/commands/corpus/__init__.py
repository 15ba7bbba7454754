"""``rnnlm corpus``: the group of corpora to make or fetch."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.group import LazyGroup

COMMANDS = {
    "python-docs": (
        "rnnlm_cli.commands.corpus.python_docs",
        "English prose from Python's own documentation.",
    ),
    "addition": ("rnnlm_cli.commands.corpus.addition", "Sums, to train a translation on."),
    "dates": ("rnnlm_cli.commands.corpus.dates", "Dates as people write them, and in ISO form."),
    "brackets": ("rnnlm_cli.commands.corpus.brackets", "Balanced brackets, and others."),
    "fetch": ("rnnlm_cli.commands.corpus.fetch", "Download a well-known corpus."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    epilog=examples(
        "a text that is already on your disk",
        "rnnlm corpus python-docs",
        "Penn Treebank, from the network",
        "rnnlm corpus fetch ptb",
    ),
)
def command() -> None:
    """Make or fetch a corpus to train on."""
