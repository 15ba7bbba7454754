"""``rnnlm eval perplexity`` of a model that writes lines for labels."""

from __future__ import annotations

import time

import click

from rnnlm_cli.commands.shared.columns import chosen_columns
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.models import ChosenNetwork
from rnnlm_cli.commands.shared.partners import given
from rnnlm_cli.commands.shared.texts import WantedText, reads_training_text
from rnnlm_cli.data.labelled import LABELLED
from rnnlm_cli.evaluate.cautions import cautions, lower_bound_note
from rnnlm_cli.evaluate.measure import PERPLEXITY
from rnnlm_cli.evaluate.perplexity import summed_up
from rnnlm_cli.evaluate.stream import score_blocks
from rnnlm_cli.model.describer import Describer
from rnnlm_cli.report.perplexity import band_values, perplexity_table, perplexity_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.tasks.description import described_blocks

NOT_FOR_LINES = (
    "--field --tokens --streams --lines --cache --dynamic --mix --mix-weights --interpolate "
    "--interpolate-weight"
)
"""Options of the command that lines with labels have no use for."""


def print_described(
    chosen: ChosenNetwork,
    wanted: WantedText,
    by_frequency: bool,
    as_json: bool,
) -> None:
    """Print the perplexity of lines, each given its label.

    Raises:
        click.UsageError: An option has no meaning for such a model.
        UsageError, CorpusError: The text cannot be read.
    """
    context = click.get_current_context()
    for option in NOT_FOR_LINES.split():
        if given(context, option):
            raise click.UsageError(
                f"{option}: is for models of task.kind: language, but {chosen.path} is of "
                "task.kind: description; omit it"
            )
    saved = chosen.saved
    assert isinstance(saved.network, Describer)
    lines = chosen_columns(LABELLED, chosen, wanted)
    start = time.perf_counter()
    blocks = described_blocks(saved.config, lines)
    result = summed_up(score_blocks(saved.network, blocks), lines, saved.vocabulary)
    values = perplexity_values(result, lines.name, chosen.path, PERPLEXITY)
    values["lines"] = saved.config.how_read
    trained_on = reads_training_text(chosen, wanted)
    values["warnings"] = warned(cautions(saved, lines, result, trained_on))
    for line in lower_bound_note(result.oov):
        note(line)
    if by_frequency:
        values["by_frequency"] = [band_values(band) for band in result.bands]
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else perplexity_table(values, PERPLEXITY))
