"""``rnnlm plot embedding``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.looking import draw_sheet, model_name, picture_options
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_model, one_model_options
from rnnlm_cli.commands.shared.options import TEXT, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.generate.limits import SEED
from rnnlm_cli.learned.embedding import METHODS, MOST, word_map
from rnnlm_cli.report.embedding import map_sheet, map_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    "embedding",
    epilog=examples(
        "some words and those near them",
        "rnnlm plot embedding --word say --word hello --top 3 --out near.svg",
    ),
)
@one_model_options
@click.option(
    "--word",
    "words",
    type=TEXT,
    multiple=True,
    metavar="WORD",
    help="Draw this word and those near it. Repeatable.  [default: the most frequent words]",
)
@click.option(
    "--top",
    type=WholeRange(1, 200),
    default=10,
    show_default=True,
    help="Words near each --word, at most 200.",
)
@click.option(
    "--most",
    type=WholeRange.of(MOST),
    default=100,
    show_default=True,
    help="Words to draw without --word, at most 2,000.",
)
@click.option(
    "--method",
    type=click.Choice(METHODS),
    default=METHODS[0],
    show_default=True,
    help="How to come to two dimensions: the two that differ most, or t-SNE, which needs "
    "scikit-learn.",
)
@click.option("--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Random seed.")
@picture_options("embedding")
@partners(
    needs("--top", "--word"),
    excludes("--word", "--most", because="it names the words"),
    needs("--seed", "--method", lambda method: method == "tsne", "--method tsne"),
)
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    words: tuple[str, ...],
    top: int,
    most: int,
    method: str,
    seed: int,
    out: str,
    overwrite: bool,
    as_json: bool,
) -> None:
    """A map of words by their vectors.

    Words are near each other if the network treats them alike. Most of what many dimensions
    hold is lost in two: rnnlm near has the true neighbours. t-SNE keeps neighbours together, and
    its axes and large distances mean nothing.
    """
    chosen = choose_model(checkpoint_path, config_path)
    found = word_map(chosen.saved, words, most, top, method, seed)
    draw_sheet(out, map_sheet(found, model_name(chosen)), overwrite)
    if as_json:
        print_result(json_line(map_values(found)))
