"""``rnnlm corpus addition``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.corpus.parts import part_paths, parts_options, seed_option, write_pairs
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import WholeRange, overwrite_option
from rnnlm_cli.corpora.addition import DIGITS, LINES, addition


@click.command(
    epilog=examples(
        "50,000 sums",
        "rnnlm corpus addition",
        "easier ones",
        "rnnlm corpus addition --lines 2000 --digits 2 --out corpora/easy.tsv",
    )
)
@parts_options("addition", "Sums", 50_000, LINES)
@click.option(
    "--digits",
    type=WholeRange.of(DIGITS),
    default=3,
    show_default=True,
    help="Maximum digits of a number.",
)
@seed_option
@overwrite_option
def command(out: str, lines: int, digits: int, seed: int, overwrite: bool) -> None:
    """Sums of two numbers, for task.kind: translation.

    A line is the sum, a tab and the result: 57+5<TAB>62. Nine of ten lines are to train on, the
    others to validate and to test. No two lines have the same two numbers.
    """
    paths = part_paths(out, overwrite)
    write_pairs(paths, addition(lines, digits, seed), overwrite)
