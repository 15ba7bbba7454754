"""``rnnlm generate``."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import click

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.messages import note
from rnnlm_cli.commands.models import choose_model, known_ids, model_options
from rnnlm_cli.commands.options import TEXT, FiniteRange
from rnnlm_cli.generate.filters import Filter, forbid, temperature
from rnnlm_cli.generate.text import Sample, generate, look_up_start
from rnnlm_cli.json_line import json_line
from rnnlm_cli.text.detokenizer import Detokenizer, join_tokens


@click.command(
    epilog="Examples: rnnlm generate --start you; "
    "rnnlm generate --start 'you say' --length 20 --temperature 0.8 --seed 3 --skip '<unk>'; "
    "rnnlm generate --start you --samples 5 --json"
)
@click.option("--start", metavar="WORDS", required=True, help="What the text begins with.")
@model_options
@click.option(
    "--length",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Tokens to generate.",
)
@click.option(
    "--temperature",
    "warmth",
    type=FiniteRange(min=0),
    default=1.0,
    show_default=True,
    help="Below 1 safer, above 1 bolder; 0 always takes the likeliest token.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Of the first sample; the next has the next one.  [default: a new one, told]",
)
@click.option(
    "--samples", type=click.IntRange(min=1), default=1, show_default=True, help="How many texts."
)
@click.option(
    "--skip", type=TEXT, metavar="TOKEN", multiple=True, help="Never draw this token. Repeatable."
)
@click.option("--allow-unknown", is_flag=True, help="Start words may be unknown to the model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a sample.")
def command(
    start: str,
    checkpoint_path: str | None,
    config_path: str | None,
    length: int,
    warmth: float,
    seed: int | None,
    samples: int,
    skip: tuple[str, ...],
    allow_unknown: bool,
    as_json: bool,
) -> None:
    """Write text that goes on from a start.

    Each token is drawn from the model's distribution of the next one. An end of line in the text
    begins a new line, and punctuation is attached to its word.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    saved.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    tokens = look_up_start(saved, start, allow_unknown)
    filters = [forbid(known_ids(saved.vocabulary, skip, "--skip")), temperature(warmth)]
    if seed is None:
        seed = secrets.randbelow(1_000_000)
        note(f"seed {seed}")
    seeds = range(seed, seed + samples)
    if samples == 1 and not as_json:
        stream(saved, tokens, length, seeds, filters)
        return
    *_, texts = generate(saved, tokens, length, seeds, filters)
    if as_json:
        for text in texts:
            click.echo(as_json_line(saved, text))
    else:
        click.echo("\n\n".join(join_tokens(text.tokens, saved.tokenizer) for text in texts))


def stream(
    saved: SavedModel,
    tokens: Sequence[str],
    length: int,
    seeds: Sequence[int],
    filters: Sequence[Filter],
) -> None:
    """Write one text as it is generated."""
    detokenizer = Detokenizer(saved.tokenizer)
    written = 0
    for (text,) in generate(saved, tokens, length, seeds, filters):
        pieces = [detokenizer.piece(token) for token in text.tokens[written:]]
        click.echo("".join(pieces), nl=False)  # and flushes
        written = len(text.tokens)
    click.echo()


def as_json_line(saved: SavedModel, text: Sample) -> str:
    """Return what ``--json`` prints of a sample."""
    values = {
        "text": join_tokens(text.tokens, saved.tokenizer),
        "tokens": text.tokens,
        "logprobs": text.log_probs,
        "seed": text.seed,
    }
    return json_line(values)
