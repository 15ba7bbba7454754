"""``rnnlm eval compare``."""

from __future__ import annotations

import click
import numpy as np

from rnnlm_cli import checkpoint
from rnnlm_cli.commands.figures import figure
from rnnlm_cli.commands.messages import note
from rnnlm_cli.commands.models import Chosen
from rnnlm_cli.commands.options import TEXT
from rnnlm_cli.commands.texts import chosen_text, text_options
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.comparison import Comparison, compare, line_nats
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.json_line import json_line
from rnnlm_cli.nn.layer import Array, Ids
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
    lies within, the text does not tell which is better. The text is that of FIRST's config.
    """
    if corpus == STANDARD_INPUT:
        raise UsageError("--corpus -: the text is read once for each model; name a file")
    models = [checkpoint.load(path) for path in (first, second)]
    text_config = models[0].config
    found: list[tuple[Array, Ids]] = []
    perplexities = []
    for path, saved in zip((first, second), models, strict=True):
        saved.require_left_to_right("be compared line by line")
        text = chosen_text(Chosen(path, saved, text_config), corpus, split, noted=not found)
        nats, tokens = line_nats(saved.model, text, saved.line_start())
        found.append((nats, tokens))
        perplexities.append(perplexity(float(nats.sum()), int(tokens.sum())))
    (nats_a, tokens), (nats_b, tokens_b) = found
    if not np.array_equal(tokens, tokens_b):
        raise UsageError(
            f"{first} and {second} cut the text differently (corpus.unit, end_of_line); "
            "only models with the same tokens can be compared"
        )
    if models[0].vocabulary.index.keys() != models[1].vocabulary.index.keys():
        note(
            "the vocabularies differ: a token that only one model knows is the unknown token to "
            "the other, which is the easier to predict"
        )
    result = compare(nats_a, nats_b, tokens)
    if as_json:
        values = {
            "perplexity": perplexities,
            "nats_per_token": result.difference,
            "interval": [result.low, result.high],
            "lines": result.lines,
            "better_lines": result.better,
            "corpus": text.name,
            "checkpoints": [first, second],
        }
        click.echo(json_line(values))
    else:
        click.echo(as_table(result, perplexities, (first, second)))


def as_table(result: Comparison, perplexities: list[float], names: tuple[str, str]) -> str:
    """Lay the comparison out for reading."""
    rows = [f"{figure(value):>12}  {name}" for value, name in zip(perplexities, names, strict=True)]
    if result.low <= 0 <= result.high:
        verdict = "this text does not tell which is better"
    else:
        verdict = f"{names[result.high < 0]} is better"
    return "\n".join(
        [
            "  perplexity  model",
            *rows,
            f"difference {figure(result.difference, '+.4f')} nats a token, 95% from "
            f"{figure(result.low, '+.4f')} to {figure(result.high, '+.4f')}; the second is better "
            f"on {result.better:.1%} of {result.lines:,} lines",
            verdict,
        ]
    )
