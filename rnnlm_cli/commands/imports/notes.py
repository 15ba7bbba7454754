"""``rnnlm import notes``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.imports.options import (
    check_out,
    import_options,
    unknown_option,
    vocabulary_of,
    write_imported,
)
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import FILE
from rnnlm_cli.exchange.notes import import_notes


@click.command(
    "notes",
    epilog=examples(
        "weights of the book's code, and the text they were trained on",
        "rnnlm import notes Rnnlm.pkl --vocabulary ptb.train.txt --out checkpoints/notes.pkl",
    ),
)
@click.argument("weights", type=FILE)
@click.option(
    "--vocabulary",
    "texts",
    type=FILE,
    metavar="FILE",
    multiple=True,
    required=True,
    help="Text the model was trained on; ids follow the order of first appearance. Repeatable.",
)
@import_options
@unknown_option
def command(
    weights: str, texts: tuple[str, ...], out: str, overwrite: bool, unknown: str | None
) -> None:
    """Pickled weights of the course notes' code (Saito, Deep Learning from Scratch 2).

    The file is a list of arrays: the embedding; for each LSTM (or simple RNN) layer the weights of
    input and state and the bias; the output's weight and bias. No code from the file is run.
    """
    check_out(out, overwrite)
    vocabulary = vocabulary_of(texts, unknown)
    write_imported(import_notes(weights, texts, vocabulary, out), weights, out, overwrite)
