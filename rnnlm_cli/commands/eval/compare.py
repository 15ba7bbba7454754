"""``rnnlm eval compare``."""

from __future__ import annotations

from typing import Any

import click
import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.shared.figures import figure
from rnnlm_cli.commands.shared.messages import print_result, visible
from rnnlm_cli.commands.shared.models import Chosen
from rnnlm_cli.commands.shared.options import TEXT
from rnnlm_cli.commands.shared.texts import chosen_text, text_options
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.comparison import Read, compare, read_with, reasons_against
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
def command(first: str, second: str, corpus: str | None, split: str | None, as_json: bool) -> None:
    """Which of two models is better on a text.

    The difference is that of the mean cross-entropies in nats a token, SECOND less FIRST: below
    zero the second is better. Its 95% interval comes from a paired bootstrap over lines: if zero
    lies within, there is no significant difference. There is a verdict only where each model has
    every token of the text in its vocabulary and both read it alike; else the reasons are given.
    The text is that of FIRST's config.
    """
    if corpus == STANDARD_INPUT:
        raise UsageError("--corpus -: the text is read once for each model; name a file")
    models = [checkpoint.load(path).model for path in (first, second)]
    found: list[Read] = []
    for path, saved in zip((first, second), models, strict=True):
        saved.require_left_to_right("be compared line by line")
        chosen = Chosen(path, saved, models[0].config, first)
        text = chosen_text(chosen, corpus, split, noted=not found)
        found.append(read_with(path, saved, text))
    one, other = found
    if not np.array_equal(one.tokens, other.tokens):
        raise UsageError(
            f"{first} and {second} cut the text differently (corpus.unit, end_of_line); "
            "only models with the same tokens can be compared"
        )
    result = compare(one.nats, other.nats, one.tokens)
    reasons = reasons_against(one, other)
    better = None if reasons else result.better_model
    values = {
        "perplexity": [one.perplexity, other.perplexity],
        "nats": [float(one.nats.sum()), float(other.nats.sum())],
        "nats_per_token": result.difference,
        "interval": [result.low, result.high],
        "lines": result.lines,
        "better_lines": result.better,
        "oov": [one.oov, other.oov],
        "verdict": None if better is None else (first, second)[better],
        "warnings": reasons,
        "corpus": text.name,
        "checkpoints": [first, second],
    }
    print_result(json_line(values) if as_json else as_table(values))


def as_table(values: dict[str, Any]) -> str:
    """Lay the comparison out for reading, from what ``--json`` says of it."""
    rows = zip(values["perplexity"], values["nats"], values["checkpoints"], strict=True)
    low, high = values["interval"]
    if values["warnings"]:
        verdict = [f"no verdict: {reason}" for reason in values["warnings"]]
    elif values["verdict"] is None:
        verdict = ["no significant difference on this text"]
    else:
        verdict = [f"{visible(values['verdict'])} is better"]
    return "\n".join(
        [
            "  perplexity    total nats  model",
            *(
                f"{figure(ppl):>12}  {figure(nats, ',.1f'):>12}  {visible(name)}"
                for ppl, nats, name in rows
            ),
            f"difference {figure(values['nats_per_token'], '+.4f')} nats per token, 95% from "
            f"{figure(low, '+.4f')} to {figure(high, '+.4f')}; the second is better on "
            f"{values['better_lines']:.1%} of {values['lines']:,} lines",
            *verdict,
        ]
    )
