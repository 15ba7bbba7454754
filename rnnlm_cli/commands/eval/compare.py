"""``rnnlm eval compare``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result, warned
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import MODEL
from rnnlm_cli.commands.shared.texts import (
    GivenText,
    chosen_pieces,
    chosen_text,
    reads_training_text,
    text_options,
)
from rnnlm_cli.errors import CorpusError, UsageError
from rnnlm_cli.evaluate.cautions import TRAINED_ON
from rnnlm_cli.evaluate.comparison import (
    Read,
    compare_read,
    read_lines_with,
    read_with,
    reads_alike,
    reasons_against,
    single_spaced,
)
from rnnlm_cli.evaluate.lines import whole_lines
from rnnlm_cli.report.comparison import comparison_table, comparison_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.reader import STANDARD_INPUT


@click.command(
    epilog=examples(
        "two models on one text",
        "rnnlm eval compare checkpoints/hello.pkl checkpoints/hello.pkl --corpus corpora/hello.txt",
    )
)
@click.argument("first", type=MODEL)
@click.argument("second", type=MODEL)
@text_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    first: str,
    second: str,
    corpus: GivenText | None,
    split: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Which of two models is better on a text.

    Prints the difference of the mean cross-entropies in nats per token, SECOND minus FIRST: below
    zero SECOND is better. Its 95% interval comes from a paired bootstrap over lines: if it contains
    zero, there is no significant difference. Models of different units (corpus.unit) are compared
    by total nats, per word of the text: both read every line with single spaces and predict every
    token, from the end of a line that they are given. So are models that were trained on single
    lines (training.lines), which read each line by itself. There is no verdict if one of them does
    not know a token of the text; the reasons are printed. The text is that of FIRST's config.
    """
    if corpus is not None and corpus.path == STANDARD_INPUT:
        raise UsageError(
            "the text is read once for each model; name a file",
            field="corpus",
            place=STANDARD_INPUT,
        )
    models = [checkpoint.load(path).model for path in (first, second)]
    for saved in models:
        saved.require_left_to_right("be compared line by line")
    chosen = [
        Chosen(path, saved, models[0].config, first)
        for path, saved in zip((first, second), models, strict=True)
    ]
    read = read_alike if reads_alike(*models) else read_apart
    name, (one, other) = read(chosen, corpus, split, encoding)
    reasons = reasons_against(one, other)
    trained = [c.path for c in chosen if reads_training_text(c, corpus, split)]
    warnings = [f"{path}: {line}" for path in trained for line in [TRAINED_ON]]
    values = comparison_values(one, other, compare_read(one, other), reasons, name, warnings)
    warned(values["warnings"])
    print_result(json_line(values) if as_json else comparison_table(values))


def read_alike(
    chosen: Sequence[Chosen], corpus: GivenText | None, split: str | None, encoding: str | None
) -> tuple[str, list[Read]]:
    """Score a text with models that split it into the same tokens; return its name, too."""
    found: list[Read] = []
    for one in chosen:
        text = chosen_text(one, corpus, split, encoding, noted=not found)
        found.append(read_with(one.path, one.saved, text))
    return text.name, found


def read_apart(
    chosen: Sequence[Chosen], corpus: GivenText | None, split: str | None, encoding: str | None
) -> tuple[str, list[Read]]:
    """Score the lines of a text, as the first model's config names it, with all models."""
    text = chosen_pieces(chosen[0], corpus, split, encoding)
    lines = single_spaced(list(whole_lines(text.pieces, text.name)))
    if not any(line.text for line in lines):
        raise CorpusError("the text is empty; name one with tokens", place=text.name)
    return text.name, [read_lines_with(one.path, one.saved, lines) for one in chosen]
