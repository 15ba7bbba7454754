"""``rnnlm eval rescore``."""

from __future__ import annotations

import math

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_model, model_options
from rnnlm_cli.commands.shared.options import FILE, FiniteRange, encoding_option
from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.evaluate.rescoring import score_hypotheses
from rnnlm_cli.exchange.nbest import best_of_each, joined_lines, read_nbest
from rnnlm_cli.exchange.nbest_formats import DEFAULT, FORMATS, Rescored
from rnnlm_cli.report.lines import hypothesis_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.reader import display_name

MOST_WEIGHT = 1000
"""Recognizers and translators give a language model weights from 0.1 to 30."""


@click.command(
    epilog=examples(
        "the best hypothesis of each list",
        "printf '1 you say hello .\\n1 you hello say .\\n' | rnnlm eval rescore -",
        "the score of each hypothesis",
        "printf '1 you say hello .\\n' | rnnlm eval rescore - --scores-only",
    )
)
@click.argument("nbest", type=FILE)
@model_options
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    show_default=DEFAULT,
    help="; ".join(f"{name}: {form.line}" for name, form in FORMATS.items()),
)
@click.option(
    "--weight",
    type=FiniteRange(min=0, max=MOST_WEIGHT),
    default=1.0,
    show_default=True,
    help="Weight of this model's log-probability; the score of an older model gets 1 - WEIGHT.",
)
@encoding_option()
@click.option("--scores-only", is_flag=True, help="Print the score of every hypothesis, in order.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per hypothesis.")
def command(
    nbest: str,
    checkpoint_path: str | None,
    config_path: str | None,
    form: str | None,
    weight: float,
    encoding: str | None,
    scores_only: bool,
    as_json: bool,
) -> None:
    """Rescore the hypotheses of n-best lists.

    Prints the best hypothesis of each list in NBEST (- is standard input), or all scores. A
    hypothesis is scored as a line by itself, its end included. score = ascore + (1 - WEIGHT)
    lscore + WEIGHT log10 p, where a format has the first two; for kaldi a cost, -ln. For moses
    whole lines are printed, with one more feature, rnnlm= ln p, and WEIGHT ln p added to their
    score. Hypotheses of one list must follow each other. With --json each has its line, list and
    text, its natural log-probability by this model (logprob), and its score, log10.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    name, chosen = display_name(nbest), FORMATS[form or DEFAULT]
    pieces = noted_pieces([nbest], reading_limits(saved, encoding), saved)
    hypotheses = read_nbest(joined_lines(pieces, name), form, name)
    found = score_hypotheses(saved, hypotheses, lambda hypothesis: hypothesis.text)
    rescored = (Rescored(own, log_prob / math.log(10), weight) for own, log_prob in found)
    shown = rescored if scores_only else best_of_each(rescored, name)
    write = chosen.write if scores_only else chosen.write_best
    for one in shown:
        print_result(json_line(hypothesis_values(one)) if as_json else write(one))
