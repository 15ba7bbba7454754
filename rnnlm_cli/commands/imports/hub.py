"""``rnnlm import hub``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.imports.options import check_out, import_options, write_imported
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import DIRECTORY
from rnnlm_cli.exchange.hub import read_hub


@click.command(
    "hub",
    epilog=examples(
        "what rnnlm export --format hub wrote",
        "rnnlm import hub hello --out checkpoints/back.pkl",
    ),
)
@click.argument("directory", type=DIRECTORY)
@import_options
def command(directory: str, out: str, overwrite: bool) -> None:
    """A directory that rnnlm export wrote for the Hugging Face Hub.

    Its model.safetensors has the whole model: weights, vocabulary, config and history.
    """
    check_out(out, overwrite)
    write_imported(read_hub(directory), directory, out, overwrite)
