"""``rnnlm init``."""

from __future__ import annotations

from pathlib import Path

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import DIRECTORY, check_outputs, overwrite_option
from rnnlm_cli.commands.shared.schema_file import write_schema
from rnnlm_cli.shipped import shipped
from rnnlm_cli.system.whole_file import whole_file

STARTER = "hello"

CORPUS_COMMANDS = {
    "python-docs": "rnnlm corpus python-docs --out {directory}/python-docs.txt",
    "ptb": "rnnlm corpus fetch ptb --out {directory}",
    "char": "rnnlm corpus fetch tiny-shakespeare --out {directory}",
}
"""Command that gets a config's corpus, by prefix of the config's name."""


@click.command(
    epilog=examples(
        "the smallest model, in the current directory",
        "rnnlm init",
        "in another directory",
        "rnnlm init my-model",
        "another config",
        "rnnlm init my-model --config ptb-lstm",
    )
)
@click.argument("directory", type=DIRECTORY, default=".")
@click.option(
    "--config",
    "name",
    type=click.Choice([path.stem for path in shipped("configs")]),
    default=STARTER,
    show_default=True,
    help="Name of a shipped config.",
)
@overwrite_option
def command(directory: str, name: str, overwrite: bool) -> None:
    """Write a starter config and its corpus into DIRECTORY, by default the current one.

    The config goes to configs/, a shipped corpus to corpora/. No file is replaced without
    --overwrite.
    """
    root = Path(directory)
    copies = {
        root / "configs" / path.name: path for path in shipped("configs") if path.stem == name
    }
    if name == STARTER:
        copies |= {root / "corpora" / path.name: path for path in shipped("corpora")}
    check_outputs(list(copies), overwrite)
    for target, source in copies.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(target, overwrite) as file:
            file.write(source.read_bytes())
        note(f"wrote {target}")
    write_schema(next(iter(copies)), overwrite)
    for prefix, corpus_command in CORPUS_COMMANDS.items():
        if name.startswith(prefix):
            note(f"next: {corpus_command.format(directory=root / 'corpora')}")
    note(f"next: rnnlm train --config {next(iter(copies))}")
