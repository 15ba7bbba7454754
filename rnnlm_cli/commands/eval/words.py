"""``rnnlm eval words``."""

from __future__ import annotations

from functools import partial

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.line_scores import (
    chosen_lines,
    line_options,
    on_screen,
    print_lines,
)
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import choose_model, device_option
from rnnlm_cli.commands.shared.texts import WantedText, chosen_pieces
from rnnlm_cli.report.lines import WORD_WIDTHS, word_rows, word_values
from rnnlm_cli.report.score_forms import REPORTS
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "a table",
        "rnnlm eval words --corpus corpora/hello.txt",
        "lines by themselves, in KenLM's format",
        "echo 'you say hello .' | rnnlm eval words --corpus - --independent --format kenlm",
    )
)
@partial(line_options, independent=False)
@mixture_options
@device_option
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
    wanted: WantedText,
    form: str,
    independent: bool,
) -> None:
    """Log-probability of every token of a text.

    The table has one row per token: line, token, nats (the natural log of its probability), and
    known or unknown. A token that the model does not know is scored as the unknown token; both are
    marked unknown. JSON has a list unknown of true and false. If the state is carried from line to
    line, the text's first token has no score, since nothing comes before it. Standard input is
    scored line by line.
    """
    chosen = choose_model(checkpoint_path, config_path)
    lines = chosen_lines(chosen, others, chosen_pieces(chosen, wanted), independent)
    if form in REPORTS:
        report = REPORTS[form]
        print_lines(lines, lambda line, own: report.words(line.text, line.tokens, own), report.end)
    elif form == "json":
        print_lines(lines, lambda line, own: json_line(word_values(line)))
    else:
        print_lines(lines, lambda line, own: on_screen(word_rows(line), WORD_WIDTHS))
