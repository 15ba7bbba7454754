"""``rnnlm plot calibration``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.bars import tokens as token_count
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import draw_sheet, model_name, picture_options
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_model, model_options
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.commands.shared.texts import WantedText, chosen_text, text_options
from rnnlm_cli.learned.calibration import TOKENS, measure_calibration
from rnnlm_cli.report.calibration import (
    calibration_sheet,
    calibration_table,
    calibration_values,
)
from rnnlm_cli.system.json_line import json_line


@click.command(
    "calibration",
    epilog=examples(
        "on the text that the model's config names, as JSON too",
        "rnnlm plot calibration --json --out calibration.png",
    ),
)
@model_options
@text_options
@click.option(
    "--tokens",
    type=WholeRange.of(TOKENS),
    default=10_000,
    show_default=True,
    help="Read the text up to its N-th token.",
)
@picture_options("calibration")
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    wanted: WantedText,
    tokens: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Whether the model's probabilities are what they say.

    Of all the times at which its likeliest token had a probability of about 30 %, that token should
    have come at 30 %; so should every token of the vocabulary, at all probabilities. The expected
    calibration error is the mean distance (Guo et al., 2017). The temperature that would be best is
    found on every other target, and its perplexity is that of the others.
    """
    chosen = choose_model(checkpoint_path, config_path)
    text = chosen_text(chosen, wanted, tokens=tokens)
    with Bar(min(tokens, len(text) - text.given), token_count) as progress:
        found = measure_calibration(chosen.saved, text, tokens, progress.update)
    draw_sheet(out, calibration_sheet(found, model_name(chosen)), overwrite)
    print_result(json_line(calibration_values(found)) if as_json else calibration_table(found))
