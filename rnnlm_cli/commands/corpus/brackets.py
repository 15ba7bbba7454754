"""``rnnlm corpus brackets``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.corpus.parts import part_paths, parts_options, seed_option, write_pairs
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.options import WholeRange, overwrite_option
from rnnlm_cli.corpora.brackets import LENGTH, LINES, brackets
from rnnlm_cli.errors import UsageError


@click.command(
    epilog=examples(
        "10,000 lines of at most 20 brackets",
        "rnnlm corpus brackets",
        "longer lines, to see what a model makes of them",
        "rnnlm corpus brackets --shortest 50 --longest 60 --lines 400 --out corpora/long.tsv",
    )
)
@parts_options("brackets", "Lines", 10_000, LINES)
@click.option(
    "--shortest",
    type=WholeRange.of(LENGTH),
    default=2,
    show_default=True,
    help="Minimum number of brackets in a line.",
)
@click.option(
    "--longest",
    type=WholeRange.of(LENGTH),
    default=20,
    show_default=True,
    help="Maximum number of brackets in a line.",
)
@seed_option
@overwrite_option
def command(out: str, lines: int, shortest: int, longest: int, seed: int, overwrite: bool) -> None:
    """Balanced brackets and others, for task.kind: classification.

    A line is a label, a tab and brackets: balanced<TAB>( ( ) ). Nine of ten lines are to train on,
    the others to validate and to test. No two lines are the same.
    """
    if -(-shortest // 2) > longest // 2:
        raise UsageError(
            f"no even number is from {shortest} to {longest}", remedy="use a smaller {shortest}"
        )
    paths = part_paths(out, overwrite)
    write_pairs(paths, brackets(lines, shortest, longest, seed), overwrite)
