"""``rnnlm fill``."""

from __future__ import annotations

import math

import click

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.models import choose_model, known_ids, model_options
from rnnlm_cli.commands.options import TEXT
from rnnlm_cli.errors import UsageError
from rnnlm_cli.generate.fill import Filling, cut_blanks, fill
from rnnlm_cli.generate.text import known_tokens
from rnnlm_cli.json_line import json_line
from rnnlm_cli.text.detokenizer import join_tokens


@click.command(
    epilog="Examples: rnnlm fill 'you say ___ and i say hello .' --top 5; "
    "rnnlm fill 'the ___ of the ___' --skip '<unk>' --json"
)
@click.argument("line", type=TEXT)
@model_options
@click.option(
    "--top", type=click.IntRange(min=1), default=5, show_default=True, help="Candidates a blank."
)
@click.option("--blank", type=TEXT, default="___", show_default=True, help="What marks a blank.")
@click.option(
    "--skip", type=TEXT, metavar="TOKEN", multiple=True, help="No blank is this one. Repeatable."
)
@click.option("--allow-unknown", is_flag=True, help="Words may be unknown to the model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    line: str,
    checkpoint_path: str | None,
    config_path: str | None,
    top: int,
    blank: str,
    skip: tuple[str, ...],
    allow_unknown: bool,
    as_json: bool,
) -> None:
    """Fill the blanks of a line, from what stands before and after them.

    Takes a model with model.direction: bidirectional. Prints the filled line, then for each blank
    the likeliest words and their probabilities, given the rest of the line as it is filled.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    if not saved.model.bidirectional:
        raise UsageError(
            "the model reads from left to right and does not see what comes after a blank; train "
            "one with --set model.direction=bidirectional"
        )
    tokens = cut_blanks(saved, line, blank)
    known_tokens(saved, [token for token in tokens if token is not None], line, allow_unknown)
    filling = fill(saved, tokens, top, known_ids(saved.vocabulary, skip, "--skip"))
    click.echo(as_json_line(saved, filling) if as_json else as_table(saved, filling))


def as_json_line(saved: SavedModel, filling: Filling) -> str:
    """Return what ``--json`` prints."""
    return json_line(
        {
            "text": join_tokens(filling.tokens, saved.tokenizer),
            "tokens": filling.tokens,
            "blanks": [[c._asdict() for c in blank] for blank in filling.candidates],
        }
    )


def as_table(saved: SavedModel, filling: Filling) -> str:
    """Lay the filling out for reading."""
    lines = [join_tokens(filling.tokens, saved.tokenizer)]
    for number, candidates in enumerate(filling.candidates, 1):
        lines += ["", f"blank {number}"]
        lines += [f"  {math.exp(c.log_prob):8.4f}  {c.token}" for c in candidates]
    return "\n".join(lines)
