"""``rnnlm plot gradients``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.options import (
    PICTURE,
    FiniteRange,
    WholeRange,
    check_outputs,
    overwrite_option,
)
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.pictures import note_picture
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.model import CELLS
from rnnlm_cli.report.figure import check_picture, draw
from rnnlm_cli.report.gradients import (
    PLOTTED,
    gradient_caption,
    gradient_norms,
    gradient_panels,
)
from rnnlm_cli.system.json_line import json_line

KEEPING = [f"{CELLS[name].title}'s {CELLS[name].keeps}" for name in PLOTTED if CELLS[name].keeps]


@click.command(
    "gradients",
    epilog=examples(
        "all cells, three scales",
        "rnnlm plot gradients --out gradients.png",
        "other scales, and gates that keep more",
        "rnnlm plot gradients --scale 0.1 --scale 0.5 --keep-bias 4 --out kept.svg",
    ),
)
@click.option(
    "--out",
    type=PICTURE,
    metavar="FILE",
    default="gradients.png",
    show_default=True,
    help="Picture, PNG, SVG or PDF.",
)
@click.option(
    "--cell",
    "cells",
    type=click.Choice(PLOTTED),
    multiple=True,
    help="Only this cell. Repeatable.  [default: all]",
)
@click.option(
    "--scale",
    "scales",
    type=FiniteRange(0, 1_000),
    multiple=True,
    default=(0.5, 1.0, 1.5),
    show_default=True,
    help="Of the recurrent weights: in an Elman RNN gradients vanish below 1 and explode above. "
    "Repeatable.",
)
@click.option(
    "--steps",
    type=WholeRange(1, 2_000),
    default=50,
    show_default=True,
    help="Steps back, at most 2,000.",
)
@click.option(
    "--hidden-size",
    type=WholeRange(1, 1_000),
    default=100,
    show_default=True,
    help="Size of the hidden state, at most 1,000.",
)
@click.option(
    "--keep-bias",
    type=FiniteRange(-100, 100),
    default=1.0,
    show_default=True,
    help="Bias of the gates that keep memory: " + ", ".join(KEEPING) + "; at most 100.",
)
@click.option("--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Random seed.")
@overwrite_option
@click.option("--json", "as_json", is_flag=True, help="Also print one JSON object per curve.")
@partners(
    excludes(
        "--cell",
        "--keep-bias",
        when=lambda cells: all(CELLS[cell].keeps is None for cell in cells),
        because="none of these cells has a gate that keeps memory",
    )
)
def command(
    out: str,
    cells: tuple[str, ...],
    scales: tuple[float, ...],
    steps: int,
    hidden_size: int,
    keep_bias: float,
    seed: int,
    overwrite: bool,
    as_json: bool,
) -> None:
    """The gradient's L2 norm, back through time.

    A gradient of norm 1 at the last step is sent back through a layer that reads zeros. In an Elman
    RNN each step multiplies it by the recurrent weights, so it explodes or vanishes. In LSTM and
    GRU a part also passes through a gate; the more the gate is open (--keep-bias), the more
    passes. This keeps it from vanishing, but in an LSTM not from exploding: the two parts add up
    to a factor of about f + scale/4 per step, which is 1.23 with --keep-bias 4 at scale 1. In a GRU
    z of the gradient passes and the other part gets 1-z, about z + (1-z)*scale/2.
    """
    check_picture(out)
    check_outputs([out], overwrite)
    found = [
        gradient_norms(cell, scale, steps, hidden_size, keep_bias, seed)
        for cell in cells or PLOTTED
        for scale in scales
    ]
    caption = gradient_caption(found, hidden_size, keep_bias)
    missing = draw(out, gradient_panels(found), overwrite, columns=3, legend=True, caption=caption)
    note_picture(out, missing)
    if as_json:
        for norms in found:
            print_result(json_line({**norms._asdict(), "factor": norms.factor}))
