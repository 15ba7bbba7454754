"""``rnnlm eval sentences``."""

from __future__ import annotations

from functools import partial

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.line_scores import (
    chosen_lines,
    in_order,
    line_options,
    on_screen,
    print_lines,
)
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import choose_model, device_option
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.ranks import check_same_models, divided
from rnnlm_cli.commands.shared.texts import WantedText, chosen_pieces
from rnnlm_cli.report.lines import LINE_HEADER, LINE_WIDTHS, ORDERS, line_row, line_values
from rnnlm_cli.report.score_forms import REPORTS
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.train.group import Group


@click.command(
    epilog=examples(
        "a table",
        "rnnlm eval sentences --corpus corpora/hello.txt",
        "the most probable line first",
        "rnnlm eval sentences --corpus corpora/hello.txt --sort perplexity",
        "one stream, in SRILM's format",
        "rnnlm eval sentences --corpus corpora/hello.txt --carry-state --format srilm",
    )
)
@partial(line_options, independent=True)
@mixture_options
@click.option(
    "--sort",
    "order",
    type=click.Choice(list(ORDERS)),
    help="Print the most probable line first: by the probability of the whole line, or per token.",
)
@device_option
@partners(
    excludes(
        "--format",
        "--sort",
        when=lambda form: form in REPORTS,
        because="its lines are those of the text, in order",
    )
)
@divided
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
    wanted: WantedText,
    form: str,
    independent: bool,
    order: str | None,
    group: Group,
) -> None:
    """Log-probability of every line of a text.

    Each line is scored by itself, so that lines can be ranked; --carry-state reads the text as one
    stream, whose first token has no score. The table has a header and one row per line, empty lines
    included: nats (the natural log of its probability, its end included), number of tokens, number
    of unknown tokens, -nats per token, perplexity, and the line. Columns are separated by tabs,
    except on a terminal. Standard input is scored line by line, unless it is sorted. Several
    processes (mpiexec -n N, docs/scaling.md) divide the lines.
    """
    chosen = choose_model(checkpoint_path, config_path)
    check_same_models(group, [chosen.path, *others.names])
    scored = chosen_lines(chosen, others, chosen_pieces(chosen, wanted), independent, group)
    lines = in_order(scored, order)
    if form in REPORTS:
        report = REPORTS[form]
        print_lines(lines, lambda line, own: report.line(line.text, line.tokens, own), report.end)
    elif form == "json":
        print_lines(lines, lambda line, own: json_line(line_values(line, own)))
    else:
        print_lines(
            lines,
            lambda line, own: on_screen(line_row(line, own), LINE_WIDTHS),
            header=on_screen(LINE_HEADER, LINE_WIDTHS),
        )
