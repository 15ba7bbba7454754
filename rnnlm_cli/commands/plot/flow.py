"""``rnnlm plot flow``."""

from __future__ import annotations

from collections.abc import Callable

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import excerpt_options, picture_options, with_excerpt
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.commands.shared.pictures import note_picture
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.learned.excerpt import Excerpt
from rnnlm_cli.learned.gradient_flow import STEPS, gradient_flow
from rnnlm_cli.report.figure import draw
from rnnlm_cli.report.gradient_flow import flow_caption, flow_panel, flow_table, flow_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    "flow",
    epilog=examples(
        "in the newest model, over a file",
        "rnnlm plot flow --corpus corpora/hello.txt --steps 5 --out flow.png",
    ),
)
@excerpt_options(2_000, 1_000_000, "Read the first N tokens of the text, at most 1,000,000.")
@click.option(
    "--steps",
    type=WholeRange.of(STEPS),
    default=50,
    show_default=True,
    help="Steps back, at most 1,000.",
)
@click.option(
    "--seed",
    type=WholeRange.of(SEED),
    default=1,
    show_default=True,
    help="Seed of the gradient's direction.",
)
@picture_options("flow")
@with_excerpt
def command(
    chosen: Chosen,
    excerpt: Callable[[], Excerpt],
    steps: int,
    seed: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """How far a gradient gets back through time in a trained model.

    The model reads parts of TEXT. A gradient of norm 1 enters at the last step of each and goes
    back through all layers. Where its norm falls quickly, the model cannot learn from what is
    further back; the factor per step says how quickly. rnnlm plot gradients shows the same for
    cells that nothing has trained.
    """
    found = gradient_flow(chosen.saved, excerpt(), steps, seed)
    panels, caption = [flow_panel(found)], flow_caption(found)
    note_picture(out, draw(out, panels, overwrite, columns=1, legend=True, caption=caption))
    print_result(json_line(flow_values(found)) if as_json else flow_table(found))
