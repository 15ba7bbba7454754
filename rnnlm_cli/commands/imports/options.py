"""Shared by the commands of ``rnnlm import``: options, reading and writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from msgspec import structs

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.options import MODEL, TEXT, check_outputs, overwrite_option
from rnnlm_cli.config.checkpoint import CheckpointConfig
from rnnlm_cli.config.corpus import FIELD
from rnnlm_cli.config.run_names import MODEL_NAMES, is_model_name
from rnnlm_cli.errors import UsageError
from rnnlm_cli.exchange.assemble import WORDS
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.text.corpus import vocabulary_by_appearance
from rnnlm_cli.text.sources.expand import expand
from rnnlm_cli.text.vocabulary import Vocabulary


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--out`` and ``--overwrite``."""
    out = click.option(
        "--out", type=MODEL, metavar="FILE", required=True, help="Checkpoint to write, NAME.pkl."
    )
    return out(overwrite_option(command))


unknown_option = click.option(
    "--unknown",
    type=TEXT,
    metavar="TOKEN",
    help="Token of --vocabulary for all unknown words.  [default: <unk>]",
)


def check_out(out: str, overwrite: bool) -> None:
    """Check the output path, before any work.

    Raises:
        UsageError: It is not a model's name, or the file exists.
    """
    if not is_model_name(out):
        raise UsageError(
            f"--out {out}: a model's name is {MODEL_NAMES}; those names are for training states; "
            "choose another name"
        )
    check_outputs([out], overwrite)


def write_imported(saved: TrainedModel, source: str, out: str, overwrite: bool) -> None:
    """Write the checkpoint, which now has this path, and say what it is."""
    config = structs.replace(saved.config, checkpoint=CheckpointConfig(path=out))
    saved = replace(saved, config=config)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save(out, saved, replace=overwrite)
    model = saved.config.model
    note(
        f"wrote {out}: {model.layers} x {model.cell} {model.hidden_size}, "
        f"{len(saved.vocabulary):,} tokens, {saved.network.parameter_count:,} parameters, "
        f"from {source}"
    )


def vocabulary_of(texts: Sequence[str], unknown: str | None) -> Vocabulary:
    """Make the vocabulary of the texts that a model was trained on.

    Raises:
        UsageError: A file is missing or is standard input, or the unknown token is the end of line.
        CorpusError: A text is not valid, or does not contain the unknown token.
    """
    if "-" in texts:
        raise UsageError("--vocabulary -: name a file; the checkpoint keeps its name")
    if unknown == WORDS.end_of_line:
        raise UsageError(f"--unknown {unknown}: is the end of each line; choose another token")
    return vocabulary_by_appearance(expand(texts, FIELD), WORDS, unknown or "<unk>")
