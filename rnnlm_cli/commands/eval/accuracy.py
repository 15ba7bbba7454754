"""``rnnlm eval accuracy``."""

from __future__ import annotations

import time
from functools import partial

import click

from rnnlm_cli.commands.shared.columns import chosen_columns
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.models import choose_network, model_options
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    reads_training_text,
    text_options,
)
from rnnlm_cli.config.task import Classification
from rnnlm_cli.data.labelled import LABELLED
from rnnlm_cli.evaluate.accuracy import measure_accuracy
from rnnlm_cli.evaluate.cautions import label_cautions, unknown_note
from rnnlm_cli.report.labels import accuracy_table, accuracy_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.tasks.classification import labelled_blocks


@click.command(
    epilog=examples(
        "on the text that the model's config names",
        "rnnlm eval accuracy --checkpoint checkpoints/brackets.pkl",
        "on another text, as JSON",
        "rnnlm eval accuracy --checkpoint checkpoints/brackets.pkl --corpus lines.tsv --json",
    )
)
@model_options
@partial(text_options, records=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    wanted: WantedText,
    as_json: bool,
) -> None:
    """How often a classifier is right.

    The text has lines of label, tab and text. Prints the share of lines that get the right label,
    the mean of the labels' F1, the figures of each label, and which labels are taken for which.
    """
    chosen = choose_network(checkpoint_path, config_path, Classification)
    saved = chosen.saved
    lines = chosen_columns(LABELLED, chosen, wanted)
    for said in unknown_note(lines.oov, saved.vocabulary.unknown):
        note(said)
    start = time.perf_counter()
    result = measure_accuracy(saved, labelled_blocks(saved.config, lines))
    values = accuracy_values(result, lines.name, chosen.path)
    trained_on = reads_training_text(chosen, wanted)
    values["warnings"] = warned(label_cautions(saved, lines, result, trained_on))
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else accuracy_table(values))
