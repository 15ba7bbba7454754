"""``rnnlm plot gates``."""

from __future__ import annotations

from collections.abc import Callable

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import (
    draw_sheet,
    excerpt_options,
    model_name,
    picture_options,
    with_excerpt,
)
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.learned.excerpt import Excerpt
from rnnlm_cli.learned.gates import read_gates
from rnnlm_cli.report.gates import gate_sheet, gate_table, gate_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    "gates",
    epilog=examples(
        "over a sentence",
        "rnnlm plot gates 'you say goodbye and i say hello .' --out gates.png",
    ),
)
@excerpt_options(5_000, 1_000_000, "Read the first N tokens of the text, at most 1,000,000.")
@click.option(
    "--show",
    type=WholeRange(1, 500),
    default=40,
    show_default=True,
    help="Tokens in the heat maps, at most 500.",
)
@picture_options("gates")
@with_excerpt
def command(
    chosen: Chosen,
    excerpt: Callable[[], Excerpt],
    show: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """The gates over TEXT, and how often each is saturated.

    Heat maps have a row per unit and a column per token. A gate multiplies: near 0 it is shut and
    lets nothing pass, near 1 it is open. A unit whose forget gate is nearly always open remembers
    for long; one whose forget gate is nearly always shut sees little more than the current token.
    """
    found = read_gates(chosen.saved, excerpt(), show)
    draw_sheet(out, gate_sheet(found, chosen.saved.codec, model_name(chosen)), overwrite)
    print_result(json_line(gate_values(found)) if as_json else gate_table(found))
