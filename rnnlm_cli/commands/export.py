"""``rnnlm export``."""

from __future__ import annotations

import os

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared import options
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import check_outputs, overwrite_option
from rnnlm_cli.config.run_names import MODEL
from rnnlm_cli.exchange.files import FORMATS, WORD_VECTORS, write_tensors
from rnnlm_cli.exchange.pytorch import metadata, to_pytorch


@click.command(
    epilog=examples(
        "for NumPy",
        "rnnlm export checkpoints/hello.pkl --format npz --out hello.npz",
        "for PyTorch and others",
        "rnnlm export checkpoints/hello.pkl --format safetensors --out hello.safetensors",
        "the word vectors",
        "rnnlm export checkpoints/hello.pkl --format word2vec --out hello.vec",
    )
)
@click.argument("file", type=options.MODEL)
@click.option(
    "--format",
    "kind",
    type=click.Choice(list(FORMATS)),
    required=True,
    help="safetensors needs the extra 'export'.",
)
@click.option(
    "--out",
    type=options.FILE,
    metavar="FILE",
    help="File to write.  [default: FILE with another suffix]",
)
@overwrite_option
def command(file: str, kind: str, out: str | None, overwrite: bool) -> None:
    """Write a checkpoint's weights, or its word vectors, for other programs.

    Names and layouts are those of PyTorch's word_language_model example: encoder.weight,
    rnn.weight_ih_l0, rnn.weight_hh_l0, rnn.bias_ih_l0, rnn.bias_hh_l0, ..., decoder.weight,
    decoder.bias. Vocabulary and config are included as JSON.

    word2vec is a text of the embedding's vectors, for programs that read word2vec's or fastText's
    .vec files, and for the config key model.embeddings.
    """
    saved = checkpoint.load(file).model
    out = out or f"{file.removesuffix(MODEL)}.{kind}"
    if os.path.realpath(out) == os.path.realpath(file):
        raise click.UsageError(f"--out {out}: is the checkpoint itself; name another file")
    check_outputs([out], overwrite)
    vectors = saved.network.embedding.weight.value
    tensors = {"encoder.weight": vectors} if kind == WORD_VECTORS else to_pytorch(saved)
    write_tensors(out, kind, tensors, metadata(saved, os.path.dirname(out)), overwrite)
    if kind == WORD_VECTORS:
        note(f"wrote {out}: {len(vectors):,} vectors of {vectors.shape[1]:,} numbers")
        return
    note(f"wrote {out}: {len(tensors)} tensors")
    if saved.config.model.residual:
        note("the model has skip connections, which PyTorch's layers lack; see model.residual")
