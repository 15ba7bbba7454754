"""``rnnlm eval compare``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result, warned
from rnnlm_cli.commands.shared.models import Chosen, device_option
from rnnlm_cli.commands.shared.options import MODEL
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    chosen_pieces,
    chosen_text,
    first_lines,
    first_tokens_option,
    reading_limits,
    reads_training_text,
    text_options,
)
from rnnlm_cli.data.texts import read_text
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
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.comparison import comparison_table, comparison_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.reader import STANDARD_INPUT, InlineText, read_pieces


@click.command(
    epilog=examples(
        "two models on one text",
        "rnnlm eval compare checkpoints/hello.pkl checkpoints/hello.pkl --corpus corpora/hello.txt",
    )
)
@click.argument("first", type=MODEL)
@click.argument("second", type=MODEL)
@text_options
@first_tokens_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@device_option
def command(
    first: str,
    second: str,
    wanted: WantedText,
    tokens: int | None,
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
    if wanted.corpus == STANDARD_INPUT:
        raise UsageError(
            "the text is read once for each model; name a file",
            field="corpus",
            place=STANDARD_INPUT,
        )
    models = [checkpoint.load(path).model for path in (first, second)]
    pair = pair_of(first, models[0], second, models[1])
    begun = None
    if tokens is not None:
        begun = first_lines(pair[0], wanted, tokens)
    values = compared(pair, wanted, begun)
    warned(values["warnings"])
    print_result(json_line(values) if as_json else comparison_table(values))


def pair_of(
    first: str, first_model: TrainedModel, second: str, second_model: TrainedModel
) -> tuple[Chosen, Chosen]:
    """Return two models that read the texts of the first one's config.

    Raises:
        UsageError: One of them is bidirectional.
    """
    for saved in (first_model, second_model):
        saved.require_left_to_right("be compared line by line")
    config = first_model.config
    return Chosen(first, first_model, config, first), Chosen(second, second_model, config, first)


def compared(
    pair: Sequence[Chosen],
    wanted: WantedText,
    begun: InlineText | None,
) -> dict[str, Any]:
    """Compare two models on the text that the options name, or on its beginning.

    Args:
        pair: From ``pair_of``.
        wanted: The text.
        begun: The beginning of this text; ``None`` for all of it.
    """
    read = read_alike if reads_alike(*(c.saved for c in pair)) else read_apart
    name, (one, other) = read(pair, wanted, begun)
    reasons = reasons_against(one, other)
    trained = [c.path for c in pair if reads_training_text(c, wanted)]
    warnings = [f"{path}: {line}" for path in trained for line in [TRAINED_ON]]
    return comparison_values(one, other, compare_read(one, other), reasons, name, warnings)


def read_alike(
    chosen: Sequence[Chosen],
    wanted: WantedText,
    begun: InlineText | None,
) -> tuple[str, list[Read]]:
    """Score a text with models that split it into the same tokens; return its name, too."""
    found: list[Read] = []
    for one in chosen:
        if begun is None:
            text = chosen_text(one, wanted, noted=not found)
        else:
            text = read_text(one.saved.config, begun, one.saved.codec, one.saved.vocabulary)
        found.append(read_with(one.path, one.saved, text))
    return text.name, found


def read_apart(
    chosen: Sequence[Chosen],
    wanted: WantedText,
    begun: InlineText | None,
) -> tuple[str, list[Read]]:
    """Score the lines of a text, as the first model's config names it, with all models."""
    if begun is None:
        name, pieces, _ = chosen_pieces(chosen[0], wanted)
    else:
        name, pieces = begun.name, read_pieces(begun, reading_limits(chosen[0].saved, None))
    lines = single_spaced(list(whole_lines(pieces, name)))
    if not any(line.text for line in lines):
        raise CorpusError("the text is empty; name one with tokens", place=name)
    return name, [read_lines_with(one.path, one.saved, lines) for one in chosen]
