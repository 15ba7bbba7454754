"""``rnnlm eval words``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.line_scores import (
    Line,
    line_options,
    nats,
    print_lines,
    scored_lines,
)
from rnnlm_cli.commands.shared.messages import visible
from rnnlm_cli.commands.shared.models import choose_model
from rnnlm_cli.commands.shared.texts import chosen_pieces
from rnnlm_cli.report.score_forms import REPORTS, Totals
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog="Examples: rnnlm eval words --corpus corpora/hello.txt; "
    "echo 'you say hello .' | rnnlm eval words --corpus - --independent --format kenlm"
)
@line_options
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    corpus: str | None,
    split: str | None,
    form: str,
    independent: bool,
) -> None:
    """Log-probability of every token of a text.

    A table has a row a token: line, token, nats (the natural log of its probability), and known
    or unknown. A token that the model does not know is scored as the unknown token, and marked as
    that token itself is; JSON has it as unknown, a list of true and false. Where the state is
    carried from line to line, the text's very first token has no score, for there is nothing to
    predict it from. Standard input is scored line by line.
    """
    chosen = choose_model(checkpoint_path, config_path)
    lines = scored_lines(chosen.saved, chosen_pieces(chosen, corpus, split), independent)
    if form in REPORTS:
        report = REPORTS[form]
        print_lines(lines, lambda line, own: report.words(line.text, line.tokens, own), report.end)
    else:
        print_lines(lines, as_json if form == "json" else as_rows)


def as_rows(line: Line, totals: Totals) -> str:
    """A row a token."""
    scored = [(token, "-") for token in line.unscored]
    scored += [(t.text, f"{nats(t.log10_prob):.6f}") for t in line.tokens]
    return "\n".join(
        f"{line.number}\t{visible(text)}\t{score}\t{'unknown' if unknown else 'known'}"
        for (text, score), unknown in zip(scored, line.unknown, strict=True)
    )


def as_json(line: Line, totals: Totals) -> str:
    """An object a line."""
    values = {
        "line": line.number,
        "tokens": [*line.unscored, *(token.text for token in line.tokens)],
        "logprobs": [
            *(None for _ in line.unscored),
            *(nats(token.log10_prob) for token in line.tokens),
        ],
        "unknown": line.unknown,
    }
    return json_line(values)
