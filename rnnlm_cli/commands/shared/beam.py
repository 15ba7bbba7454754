"""The options of a beam search."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from rnnlm_cli.commands.shared.options import FiniteRange, WholeRange
from rnnlm_cli.commands.shared.partners import needs, partners
from rnnlm_cli.generate.beam import PENALTY, WIDTH

INSTEAD = "Beam search of this width.  [default: the most likely token at each step]"


def beam_options(ranked: str, width: str = INSTEAD) -> Callable[..., Any]:
    """Add ``--beam`` and ``--length-penalty``.

    Args:
        ranked: What is found, for the help.
        width: The help of ``--beam``.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        beam_option = click.option("--beam", type=WholeRange.of(WIDTH), help=width)
        penalty_option = click.option(
            "--length-penalty",
            type=FiniteRange.of(PENALTY),
            default=1.0,
            show_default=True,
            help=f"For --beam: rank {ranked} by log-probability / length ** this number.",
        )
        checked = partners(needs("--length-penalty", "--beam"))(command)
        return beam_option(penalty_option(checked))

    return decorate
