"""``rnnlm label``."""

from __future__ import annotations

from collections.abc import Iterator

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.given_lines import GivenLines, given_lines_options
from rnnlm_cli.commands.shared.line_scores import on_screen
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import choose_network, one_model_options
from rnnlm_cli.commands.shared.options import WholeRange
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.config.task import Classification
from rnnlm_cli.evaluate.accuracy import LINES_AT_ONCE, label_log_probs
from rnnlm_cli.report.labels import label_row, label_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "the label of a line",
        "rnnlm label --checkpoint checkpoints/brackets.pkl '( ( ) )'",
        "of every line of a file, as JSON with the probabilities of all labels",
        "rnnlm label --checkpoint checkpoints/brackets.pkl --file lines.txt --json",
        "of lines from a pipe, each as it arrives",
        "echo '( ) )' | rnnlm label --checkpoint checkpoints/brackets.pkl --file -",
    )
)
@given_lines_options("Label")
@one_model_options
@click.option(
    "--top",
    type=WholeRange(min=1),
    default=1,
    show_default=True,
    help="Number of labels per line, the most probable one first; JSON has all.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@partners(excludes("--top", "--json", when=lambda top: top > 1, because="JSON has all labels"))
def command(
    given: GivenLines,
    checkpoint_path: str | None,
    config_path: str | None,
    top: int,
    as_json: bool,
) -> None:
    """Label lines of text.

    The model is one of task.kind: classification. Prints a row per line: the label, its
    probability, and the line; a blank line of a file has one too. Columns are separated by tabs,
    except on a terminal.
    """
    saved = choose_network(checkpoint_path, config_path, Classification).saved
    at_once = 1 if given.live else 16 * LINES_AT_ONCE
    widest = max(map(len, saved.labels))
    for some in batches(given.read(saved), at_once):
        for line, log_probs in zip(some, label_log_probs(saved, some), strict=True):
            values = label_values(line, saved.labels, log_probs)
            shown = on_screen(label_row(values, top), [widest, 6] * top)
            print_result(json_line(values) if as_json else shown)


def batches(lines: Iterator[str], size: int) -> Iterator[list[str]]:
    """Yield lines in lists of at most ``size``, the first ones first."""
    batch: list[str] = []
    for line in lines:
        batch.append(line)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
