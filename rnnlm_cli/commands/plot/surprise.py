"""``rnnlm plot surprise``."""

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
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.learned.excerpt import Excerpt
from rnnlm_cli.learned.surprise import surprises
from rnnlm_cli.report.surprise import surprise_page, surprise_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    "surprise",
    epilog=examples(
        "a sentence",
        "rnnlm plot surprise 'you say goodbye and you say hello .' --out surprise.png",
        "the beginning of a file",
        "rnnlm plot surprise --corpus corpora/hello.txt --out surprise.svg",
    ),
)
@excerpt_options(100, 5_000, "Draw the first N tokens of the text, at most 5,000.")
@click.option(
    "--top",
    type=WholeRange(0, 20),
    default=3,
    show_default=True,
    help="Likeliest tokens below each one, at most 20.",
)
@picture_options("surprise")
@with_excerpt
def command(
    chosen: Chosen,
    excerpt: Callable[[], Excerpt],
    top: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """TEXT with each token colored by its nats, and the alternatives.

    The darker a token, the less the model expected it: nats are the natural log of 1 over its
    probability. Below it are the tokens that it expected most, with their probabilities. Without
    TEXT the beginning of a file or of the model's own text is read.
    """
    saved = chosen.saved
    found = surprises(saved, excerpt(), top)
    draw_page(
        out,
        surprise_page(found, saved.codec, len(saved.vocabulary), model_name(chosen)),
        overwrite,
    )
    if as_json:
        print_result(json_line(surprise_values(found)))
