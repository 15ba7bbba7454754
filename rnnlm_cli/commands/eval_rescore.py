"""``rnnlm eval rescore``."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby

import click

from rnnlm_cli.commands.models import choose_model, model_options
from rnnlm_cli.commands.options import TEXT, FiniteRange
from rnnlm_cli.commands.texts import noted_pieces
from rnnlm_cli.evaluate.lines import whole_lines
from rnnlm_cli.evaluate.rescoring import score_hypotheses
from rnnlm_cli.exchange.nbest import FORMATS, Hypothesis, read_nbest, words_line
from rnnlm_cli.text.reader import display_name

Scored = tuple[Hypothesis, float]


@click.command(
    epilog="Examples: printf '1 you say hello .\\n1 you hello say .\\n' | rnnlm eval rescore - ; "
    "printf '1 you say hello .\\n' | rnnlm eval rescore - --scores-only"
)
@click.argument("nbest", type=TEXT)
@model_options
@click.option(
    "--format",
    "form",
    type=click.Choice(list(FORMATS)),
    default="plain",
    show_default=True,
    help="; ".join(f"{name}: {form.line}" for name, form in FORMATS.items()),
)
@click.option(
    "--weight",
    type=FiniteRange(min=0),
    default=1.0,
    show_default=True,
    help="Of this model's log-probability; a score of an older model keeps the rest, 1 - WEIGHT.",
)
@click.option("--scores-only", is_flag=True, help="Print the score of every hypothesis, in order.")
def command(
    nbest: str,
    checkpoint_path: str | None,
    config_path: str | None,
    form: str,
    weight: float,
    scores_only: bool,
) -> None:
    """Score the hypotheses of n-best lists anew.

    Prints the best hypothesis of each list in NBEST (- is standard input), or all scores. A
    hypothesis is scored as a line for itself, its end included. score = ascore + (1 - WEIGHT)
    lscore + WEIGHT log10 p, where a format has the first two; for kaldi a cost, -ln.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    lines = (piece.text for piece in whole_lines(noted_pieces([nbest])))
    hypotheses = read_nbest(lines, form, display_name(nbest))
    found = score_hypotheses(saved, hypotheses, lambda hypothesis: " ".join(hypothesis.words))
    scored = ((h, h.combined(log_prob / math.log(10), weight)) for h, log_prob in found)
    if scores_only:
        for hypothesis, score in scored:
            click.echo(FORMATS[form].write(hypothesis, score))
    else:
        for best in best_of_each(scored):
            click.echo(words_line(best))


def best_of_each(scored: Iterable[Scored]) -> Iterator[Hypothesis]:
    """Give the best hypothesis of every list, the first of equals."""
    for _, group in groupby(scored, key=lambda pair: pair[0].group):
        yield max(group, key=lambda pair: pair[1])[0]
