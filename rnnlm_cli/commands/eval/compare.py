"""``rnnlm eval compare``."""

from __future__ import annotations

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import TEXT
from rnnlm_cli.commands.shared.texts import GivenText, chosen_text, text_options
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.comparison import Read, compare_read, read_with, reasons_against
from rnnlm_cli.report.comparison import comparison_table, comparison_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.reader import STANDARD_INPUT


@click.command(
    epilog="Example: rnnlm eval compare checkpoints/hello.pkl checkpoints/hello.pkl "
    "--corpus corpora/hello.txt"
)
@click.argument("first", type=TEXT)
@click.argument("second", type=TEXT)
@text_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    first: str, second: str, corpus: GivenText | None, split: str | None, as_json: bool
) -> None:
    """Which of two models is better on a text.

    Prints the difference of the mean cross-entropies in nats per token, SECOND minus FIRST: below
    zero SECOND is better. Its 95% interval comes from a paired bootstrap over lines: if it contains
    zero, there is no significant difference. A verdict needs every token of the text in both
    vocabularies, and both models must read the text the same way; otherwise the reasons are
    printed. The text is that of FIRST's config.
    """
    if corpus is not None and corpus.path == STANDARD_INPUT:
        raise UsageError(
            "the text is read once for each model; name a file",
            field="corpus",
            place=STANDARD_INPUT,
        )
    models = [checkpoint.load(path).model for path in (first, second)]
    found: list[Read] = []
    for path, saved in zip((first, second), models, strict=True):
        saved.require_left_to_right("be compared line by line")
        chosen = Chosen(path, saved, models[0].config, first)
        text = chosen_text(chosen, corpus, split, noted=not found)
        found.append(read_with(path, saved, text))
    one, other = found
    result = compare_read(one, other)
    reasons = reasons_against(one, other)
    values = comparison_values(one, other, result, reasons, text.name)
    print_result(json_line(values) if as_json else comparison_table(values))
