"""``rnnlm export``."""

from __future__ import annotations

import os

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import TEXT, check_outputs, overwrite_option
from rnnlm_cli.config.run_names import MODEL
from rnnlm_cli.exchange.files import FORMATS, write_tensors
from rnnlm_cli.exchange.pytorch import metadata, to_pytorch


@click.command(
    epilog="Examples: rnnlm export checkpoints/hello.pkl --format npz --out hello.npz; "
    "rnnlm export checkpoints/hello.pkl --format safetensors --out hello.safetensors"
)
@click.argument("file", type=TEXT)
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    required=True,
    help="safetensors needs the extra 'export'.",
)
@click.option(
    "--out", type=TEXT, metavar="FILE", help="File to write.  [default: FILE with another suffix]"
)
@overwrite_option
def command(file: str, kind: str, out: str | None, overwrite: bool) -> None:
    """Write a checkpoint's weights for other programs.

    Names and layouts are those of PyTorch's word_language_model example: encoder.weight,
    rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0, ..., decoder.weight,
    decoder.bias. Vocabulary and config are included as JSON.
    """
    saved = checkpoint.load(file).model
    out = out or f"{file.removesuffix(MODEL)}.{kind}"
    if os.path.realpath(out) == os.path.realpath(file):
        raise click.UsageError(f"--out {out}: is the checkpoint itself; name another file")
    check_outputs([out], overwrite)
    tensors = to_pytorch(saved)
    write_tensors(out, kind, tensors, metadata(saved, os.path.dirname(out)), overwrite)
    note(f"wrote {out}: {len(tensors)} tensors")
    if saved.config.model.residual:
        note("the model has skip connections, which PyTorch's layers lack; see model.residual")
