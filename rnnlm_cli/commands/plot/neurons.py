"""``rnnlm plot neurons``."""

from __future__ import annotations

from collections.abc import Callable

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import (
    draw_page,
    excerpt_options,
    model_name,
    picture_options,
    with_excerpt,
)
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import TEXT, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.learned.excerpt import Excerpt
from rnnlm_cli.learned.neurons import check_units, find_units, slowest
from rnnlm_cli.learned.properties import PROPERTIES
from rnnlm_cli.learned.units import unit_names, unit_values
from rnnlm_cli.report.neurons import (
    found_heading,
    found_table,
    found_values,
    neurons_page,
    unit_values_by_name,
)
from rnnlm_cli.system.json_line import json_line


@click.command(
    "neurons",
    epilog=examples(
        "the units that know how long the line is",
        "rnnlm plot neurons --find line-length --corpus novel.txt --out neurons.png",
        "one unit over a sentence",
        "rnnlm plot neurons 'you say goodbye' --unit layer0.3 --out unit.png",
    ),
)
@excerpt_options(20_000, 1_000_000, "Read the first N tokens of the text, at most 1,000,000.")
@click.option(
    "--find",
    type=click.Choice(list(PROPERTIES)),
    help="Find the units that predict this best, on a part of the text that had no part in the "
    "choice.",
)
@click.option(
    "--unit",
    "units",
    type=TEXT,
    metavar="NAME",
    multiple=True,
    help="Draw this unit, such as layer0.17. Repeatable.  [default: those that keep their value "
    "longest]",
)
@click.option(
    "--top",
    type=WholeRange(1, 50),
    default=3,
    show_default=True,
    help="Units to draw without --unit, at most 50.",
)
@click.option(
    "--show",
    type=WholeRange(1, 5_000),
    default=300,
    show_default=True,
    help="Tokens to draw, at most 5,000.",
)
@picture_options("neurons")
@partners(
    excludes("--unit", "--find --top", because="it names what to draw"),
)
@with_excerpt
def command(
    chosen: Chosen,
    excerpt: Callable[[], Excerpt],
    find: str | None,
    units: tuple[str, ...],
    top: int,
    show: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """TEXT colored by what single units of the network remember.

    Blue is -1, red is 1: the memory cell of an LSTM unit after tanh, the hidden state of others.
    With --find, units are chosen on the first two thirds of the text, and the rest gives the score:
    AUC, the probability that the unit tells a place with the property from one without (0.5:
    nothing), or R2, the share of a number's variance that it explains (0: nothing). Beside it are
    the scores of all units together, and of the current token alone, which needs no memory.
    """
    saved = chosen.saved
    check_units(units, unit_names(saved))
    read = excerpt()
    values = unit_values(saved, read)
    begin, found = 0, None
    if find is not None:
        found = find_units(saved, read, find, top, values)
        begin = found.look_at
        headings = {unit.name: found_heading(unit, found) for unit in found.units}
        title = f"Units of {model_name(chosen)} that tell: {found.meaning}"
    else:
        headings = {name: name for name in units or slowest(values, top)}
        title = f"Units of {model_name(chosen)}" + (
            "" if units else " that keep their value longest"
        )
    part = slice(begin, begin + show)
    columns = [(said, values.values[part, values.place(name)]) for name, said in headings.items()]
    draw_page(out, neurons_page(read.tokens[part], columns, saved.codec, title), overwrite)
    if as_json:
        drawn = unit_values_by_name(read.tokens[part], list(headings), columns)
        print_result(json_line({**drawn, "found": found and found_values(found)}))
    elif found:
        print_result(found_table(found))
