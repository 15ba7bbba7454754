"""``rnnlm near``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_model, one_model_options
from rnnlm_cli.commands.shared.options import TEXT, WholeRange
from rnnlm_cli.evaluate.next_token import TOP
from rnnlm_cli.learned.embedding import neighbors
from rnnlm_cli.report.embedding import neighbor_table, neighbor_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "the words that are most like one",
        "rnnlm near hello --top 5",
        "as JSON",
        "rnnlm near hello --json",
    )
)
@click.argument("word", type=TEXT)
@one_model_options
@click.option(
    "--top", type=WholeRange.of(TOP), default=10, show_default=True, help="Number of words."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    word: str, checkpoint_path: str | None, config_path: str | None, top: int, as_json: bool
) -> None:
    """The words that a model takes for most like WORD.

    They have the smallest angle between their vectors in the embedding. Each is printed with the
    cosine of that angle (1: the same direction) and how often it occurs in the training text; the
    vector of a rare word says little.
    """
    found = neighbors(choose_model(checkpoint_path, config_path).saved, word, top)
    print_result(json_line(neighbor_values(word, found)) if as_json else neighbor_table(found))
