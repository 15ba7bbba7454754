"""``rnnlm plot memory``."""

from __future__ import annotations

import click
import numpy as np

from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import draw_sheet, model_name, picture_options
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_model, model_options
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.commands.shared.texts import WantedText, chosen_text, text_options
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.learned.memory import (
    CONTEXT,
    TARGETS,
    check_reads_on,
    measure_memory,
    steps_of,
)
from rnnlm_cli.report.memory import memory_sheet, memory_table, memory_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    "memory",
    epilog=examples(
        "on a short text, which has no long context",
        "rnnlm plot memory --corpus corpora/hello.txt --context 5 --out memory.png",
    ),
)
@model_options
@text_options
@click.option(
    "--context",
    type=WholeRange.of(CONTEXT),
    default=200,
    show_default=True,
    help="Tokens that are read before a target, at most 10,000.",
)
@click.option(
    "--targets",
    type=WholeRange.of(TARGETS),
    default=500,
    show_default=True,
    help="Tokens to predict, evenly spaced in the text, at most 100,000.",
)
@click.option(
    "--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Seed of the shuffling."
)
@picture_options("memory")
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    wanted: WantedText,
    context: int,
    targets: int,
    seed: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """How many tokens back still matter.

    Tokens are predicted after all of --context, after the last n of it alone, and after all of it
    with what is before the last n in random order (Khandelwal et al., 2018). The loss that the
    first adds shows how far the model looks back; that of the second, how far it knows the order.
    """
    chosen = choose_model(checkpoint_path, config_path)
    check_reads_on(chosen.saved)
    text = chosen_text(chosen, wanted)
    rng = np.random.default_rng(seed)
    with Bar(steps_of(context), lambda steps: f"{steps:,.0f} steps") as progress:
        found = measure_memory(chosen.saved, text, context, targets, rng, progress.update)
    draw_sheet(out, memory_sheet(found, model_name(chosen)), overwrite)
    print_result(json_line(memory_values(found)) if as_json else memory_table(found))
