"""``rnnlm corpus dates``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.corpus.parts import part_paths, parts_options, seed_option, write_pairs
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import overwrite_option
from rnnlm_cli.corpora.dates import LINES, dates


@click.command(
    epilog=examples(
        "50,000 dates",
        "rnnlm corpus dates",
        "other ones",
        "rnnlm corpus dates --lines 10000 --seed 2 --out corpora/more-dates.tsv",
    )
)
@parts_options("dates", "Dates", 50_000, LINES)
@seed_option
@overwrite_option
def command(out: str, lines: int, seed: int, overwrite: bool) -> None:
    """Dates in many written forms, for task.kind: translation.

    A line is the date as people write it, a tab and its ISO form: Friday, May 12, 2006<TAB>
    2006-05-12. Nine of ten lines are to train on, the others to validate and to test. No date of
    one part occurs in another.
    """
    paths = part_paths(out, overwrite)
    write_pairs(paths, dates(lines, seed), overwrite)
