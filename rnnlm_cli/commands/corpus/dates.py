"""``rnnlm corpus dates``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.corpus.parts import part_paths, write_pairs
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import FILE, WholeRange, overwrite_option
from rnnlm_cli.corpora.dates import LINES, dates
from rnnlm_cli.generate.limits import SEED


@click.command(
    epilog=examples(
        "50,000 dates",
        "rnnlm corpus dates",
        "other ones",
        "rnnlm corpus dates --lines 10000 --seed 2 --out corpora/more-dates.tsv",
    )
)
@click.option(
    "--out",
    type=FILE,
    metavar="FILE",
    default="corpora/dates.tsv",
    show_default=True,
    help="Files to write: its three parts, beside where it would be.",
)
@click.option(
    "--lines",
    type=WholeRange.of(LINES),
    default=50_000,
    show_default=True,
    help="Dates, in all parts together.",
)
@click.option("--seed", type=WholeRange.of(SEED), default=1, show_default=True, help="Random seed.")
@overwrite_option
def command(out: str, lines: int, seed: int, overwrite: bool) -> None:
    """Dates in many written forms, for task.kind: translation.

    A line is the date as people write it, a tab and its ISO form: Friday, May 12, 2006<TAB>
    2006-05-12. Writes FILE.train.tsv (nine of ten lines), FILE.valid.tsv and FILE.test.tsv. No
    date of one part occurs in another.
    """
    paths = part_paths(out, overwrite)
    write_pairs(paths, dates(lines, seed), overwrite)
