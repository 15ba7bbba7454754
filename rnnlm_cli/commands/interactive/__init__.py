"""``rnnlm interactive``."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import click

from rnnlm_cli.commands.interactive.answers import answer
from rnnlm_cli.commands.interactive.completion import offered
from rnnlm_cli.commands.interactive.lines import piped
from rnnlm_cli.commands.interactive.session import Session
from rnnlm_cli.commands.interactive.settings import setting_options
from rnnlm_cli.commands.interactive.terminal import typed
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import require_output
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import choose_model, known_ids, one_model_options
from rnnlm_cli.commands.shared.options import encoding_option
from rnnlm_cli.errors import UsageError


@click.command(
    epilog=examples(
        "the newest model; then type: you say, or /temperature 0.8, or help",
        "rnnlm interactive",
        "a model, and settings to begin with",
        "rnnlm interactive --checkpoint checkpoints/hello.pkl --temperature 0.8 --length 20",
        "starts from a file, one per line",
        "rnnlm interactive < starts.txt",
    )
)
@one_model_options
@mixture_options
@setting_options(
    click.option(
        "--allow-unknown", is_flag=True, help="Allow start words that the model does not know."
    )
)
@encoding_option("utf-8; the terminal's, at a terminal")
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
    encoding: str | None,
    **settings: Any,
) -> None:
    """Type a start, see the text stream, repeat.

    An empty line goes on with the text. A line that begins with a slash changes a setting, such as
    /temperature 0.8 or shorter /temp 0.8, or asks for something: /top shows what may come next.
    help lists all of them, and quit leaves. Settings may also be given as options.

    At a terminal Tab completes words and settings, the up arrow recalls earlier lines, Ctrl-C stops
    a text, Ctrl-D leaves. Standard input may be a file or a pipe.
    """
    chosen = choose_model(checkpoint_path, config_path)
    chosen.saved.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    if sys.stdin is None:
        raise UsageError("standard input is closed; there is nothing to read")
    require_output()
    at_terminal = sys.stdin.isatty()
    if encoding and at_terminal:
        raise UsageError(
            "is for a file or a pipe; a terminal has its own", field="encoding", place=encoding
        )
    known_ids(chosen.saved, settings["skip"])  # prints a note for an unknown one
    saved = others.mixed(chosen).saved  # fits weights, so after what can be refused at once
    session = Session(saved, settings, at_terminal)
    for line in typed(partial(offered, session)) if at_terminal else piped(encoding):
        if not answer(session, line):
            return
