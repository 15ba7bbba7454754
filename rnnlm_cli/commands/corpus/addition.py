"""``rnnlm corpus addition``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.corpus.parts import part_paths, write_pairs
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import FILE, WholeRange, overwrite_option
from rnnlm_cli.corpora.addition import DIGITS, LINES, addition
from rnnlm_cli.generate.limits import SEED


@click.command(
    epilog=examples(
        "50,000 sums",
        "rnnlm corpus addition",
        "easier ones",
        "rnnlm corpus addition --lines 2000 --digits 2 --out corpora/easy.tsv",
    )
)
@click.option(
    "--out",
    type=FILE,
    metavar="FILE",
    default="corpora/addition.tsv",
    show_default=True,
    help="Files to write: its three parts, beside where it would be.",
)
@click.option(
    "--lines",
    type=WholeRange.of(LINES),
    default=50_000,
    show_default=True,
    help="Sums, in all parts together.",
)
@click.option(
    "--digits",
    type=WholeRange.of(DIGITS),
    default=3,
    show_default=True,
    help="Maximum digits of a number.",
)
@click.option("--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Random seed.")
@overwrite_option
def command(out: str, lines: int, digits: int, seed: int, overwrite: bool) -> None:
    """Sums of two numbers, for task.kind: translation.

    A line is the sum, a tab and the result: 57+5<TAB>62. Writes FILE.train.tsv (nine of ten
    lines), FILE.valid.tsv and FILE.test.tsv. No two lines have the same two numbers.
    """
    paths = part_paths(out, overwrite)
    write_pairs(paths, addition(lines, digits, seed), overwrite)
