"""The options ``--rms`` and ``--rms-file``: how large gradients were in training."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import click

from rnnlm_cli.checkpoint.gradient_file import load_rms, save_rms
from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.bars import tokens as token_count
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import MODEL
from rnnlm_cli.commands.shared.texts import chosen_text
from rnnlm_cli.commands.shared.waiting import announced
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.training_gradients import gather_rms, tokens_to_read
from rnnlm_cli.model.gradient_rms import GradientRms


def rms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--rms`` and ``--rms-file``."""
    rms_option = click.option(
        "--rms",
        is_flag=True,
        help="Divide each weight's gradient by its root mean square over the training text, and "
        "pull weights back in proportion to it (Krause et al., 2018).",
    )
    file_option = click.option(
        "--rms-file",
        type=MODEL,
        metavar="FILE",
        help="File that keeps the root mean squares: it is read, or written if it does not exist.  "
        "[default: none; the config's training text is read each time]",
    )
    return rms_option(file_option(command))


def gradient_rms(chosen: Chosen, segment: int, path: str | None) -> GradientRms:
    """Read the root mean squares of a model's gradients, or gather them from its training text.

    Args:
        chosen: The model, and the config that names its texts.
        segment: Tokens of a segment.
        path: The file that keeps them, if any.

    Raises:
        UsageError: The file is of other weights or segments, or its directory does not exist.
        CheckpointError, CorpusError: The file, or the training text, is not valid.
    """
    network = chosen.saved.network
    if path is not None and os.path.lexists(path):
        with announced(f"reading {path}"):
            return load_rms(path, network, segment)
    if path is not None and not os.path.isdir(os.path.dirname(path) or os.curdir):
        raise UsageError("its directory does not exist", field="rms_file", place=path)
    text = chosen_text(chosen, None, "train", noted=False)
    with Bar(tokens_to_read(text, segment), token_count, "gradients of training") as progress:
        found = gather_rms(network, text, segment, progress.update)
    if path is not None:
        save_rms(path, found)
        note(f"wrote {path}")
    return found
