"""``rnnlm eval sentences``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.line_scores import chosen_lines, line_options, print_lines
from rnnlm_cli.commands.shared.models import choose_model
from rnnlm_cli.commands.shared.texts import GivenText, chosen_pieces
from rnnlm_cli.report.lines import line_row, line_values
from rnnlm_cli.report.score_forms import REPORTS
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog="Examples: rnnlm eval sentences --corpus corpora/hello.txt; "
    "rnnlm eval sentences --corpus corpora/hello.txt --independent --format srilm"
)
@line_options
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    corpus: GivenText | None,
    split: str | None,
    form: str,
    independent: bool,
) -> None:
    """Log-probability of every line of a text.

    The table has one row per line, empty lines included: nats (the natural log of its probability,
    its end included), number of tokens, number of unknown tokens, and the line. Standard input is
    scored line by line.
    """
    chosen = choose_model(checkpoint_path, config_path)
    lines = chosen_lines(chosen, chosen_pieces(chosen, corpus, split), independent)
    if form in REPORTS:
        report = REPORTS[form]
        print_lines(lines, lambda line, own: report.line(line.text, line.tokens, own), report.end)
    elif form == "json":
        print_lines(lines, lambda line, own: json_line(line_values(line, own)))
    else:
        print_lines(lines, line_row)
