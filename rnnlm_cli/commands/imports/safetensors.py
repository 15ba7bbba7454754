"""``rnnlm import safetensors``."""

from __future__ import annotations

import os

import click

from rnnlm_cli.commands.imports.options import (
    check_out,
    import_options,
    unknown_option,
    vocabulary_of,
    write_imported,
)
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import FILE, PathName
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.errors import UsageError
from rnnlm_cli.exchange.assemble import WORDS
from rnnlm_cli.exchange.files import read_safetensors
from rnnlm_cli.exchange.metadata import Described, read_metadata
from rnnlm_cli.exchange.pytorch import from_pytorch, guess_config


@click.command(
    "safetensors",
    epilog=examples(
        "a file of rnnlm export",
        "rnnlm import safetensors model.safetensors --out checkpoints/back.pkl",
        "a file of PyTorch's example, and its text",
        "rnnlm import safetensors torch.safetensors --vocabulary ptb.txt --out checkpoints/a.pkl",
    ),
)
@click.argument("weights", type=PathName(".safetensors"))
@click.option(
    "--vocabulary",
    "texts",
    type=FILE,
    metavar="FILE",
    multiple=True,
    help="For a file without metadata: text whose words, by first appearance, are the "
    "vocabulary. Repeatable, as PyTorch's example reads train, valid and test.",
)
@import_options
@unknown_option
@partners(needs("--unknown", "--vocabulary"))
def command(
    weights: str, texts: tuple[str, ...], out: str, overwrite: bool, unknown: str | None
) -> None:
    """Weights with the names of PyTorch's word_language_model example.

    Files of rnnlm export contain their vocabulary and config. Other files need --vocabulary; their
    sizes are taken from the weights.
    """
    check_out(out, overwrite)
    tensors, metadata = read_safetensors(weights)
    if texts:
        vocabulary = vocabulary_of(texts, unknown)
        config = guess_config(weights, tensors, texts, vocabulary, out)
        rest = Described(config, WORDS, vocabulary)
    elif "vocabulary" in metadata:
        rest = read_metadata(weights, metadata, os.path.dirname(weights))
    else:
        raise UsageError(f"{weights}: has no vocabulary; name its text with --vocabulary")
    write_imported(from_pytorch(weights, tensors, rest), weights, out, overwrite)
