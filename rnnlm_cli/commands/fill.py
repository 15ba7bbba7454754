"""``rnnlm fill``."""

from __future__ import annotations

import math

import click

from rnnlm_cli.commands.shared.messages import note, print_result, visible
from rnnlm_cli.commands.shared.models import choose_model, known_ids, model_options
from rnnlm_cli.commands.shared.options import TEXT, WholeRange
from rnnlm_cli.commands.shared.partners import Excludes, partners
from rnnlm_cli.errors import quoted, shortened
from rnnlm_cli.evaluate.next_token import TOP
from rnnlm_cli.generate.blanks import cut_blanks
from rnnlm_cli.generate.fill import (
    FilledLine,
    Filling,
    fill,
    fill_from_the_left,
)
from rnnlm_cli.generate.start import known_tokens
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog="Examples: rnnlm fill 'you say ___ and i say hello .' --top 5; "
    "rnnlm fill 'you ___ goodbye and i ___ hello .' --skip '<unk>' --json"
)
@click.argument("line", type=TEXT)
@model_options
@click.option(
    "--top", type=WholeRange.of(TOP), default=5, show_default=True, help="Words, or lines."
)
@click.option("--blank", type=TEXT, default="___", show_default=True, help="What marks a blank.")
@click.option(
    "--skip", type=TEXT, metavar="TOKEN", multiple=True, help="No blank is this one. Repeatable."
)
@click.option("--allow-unknown", is_flag=True, help="Words may be unknown to the model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@partners(Excludes("--checkpoint", "--config", because="each names the model"))
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
    """Fill the blanks of a line.

    A bidirectional model chooses each word from what stands before and after it. Prints the filled
    line, then for each blank the likeliest words and their probabilities, given the rest of the
    line as it is filled.

    A model that reads from the left looks for the likeliest whole lines, one word a blank. Prints
    the best of them with nats, the natural log of the line's probability.
    """
    saved = choose_model(checkpoint_path, config_path).saved
    tokens = cut_blanks(saved, line, blank)
    own = [token for token in tokens if token is not None]
    known_tokens(saved, own, allow_unknown, place=quoted(line))
    if saved.codec.one_character and len(blank) > 1:
        note(f"each {shortened(blank)} is one character; with --blank _ each _ is")
    skipped = known_ids(saved, skip)
    if saved.network.bidirectional:
        filling = fill(saved, tokens, top, skipped)
        print_result(as_json_line(saved, filling) if as_json else as_table(saved, filling))
        return
    lines = fill_from_the_left(saved, tokens, top, skipped)
    print_result(lines_as_json(saved, lines) if as_json else lines_as_table(saved, lines))


def lines_as_json(saved: TrainedModel, lines: list[FilledLine]) -> str:
    """Return what ``--json`` prints of whole lines."""
    found = [
        {"text": saved.codec.decode(tokens), "tokens": tokens, "logprob": log_prob}
        for tokens, log_prob in lines
    ]
    return json_line({**found[0], "lines": found})


def lines_as_table(saved: TrainedModel, lines: list[FilledLine]) -> str:
    """Lay whole lines out for reading."""
    return "\n".join(
        f"{log_prob:10.4f}  {visible(saved.codec.decode(tokens))}" for tokens, log_prob in lines
    )


def as_json_line(saved: TrainedModel, filling: Filling) -> str:
    """Return what ``--json`` prints."""
    return json_line(
        {
            "text": saved.codec.decode(filling.tokens),
            "tokens": filling.tokens,
            "blanks": [
                [{"token": c.token, "logprob": c.log_prob} for c in blank]
                for blank in filling.candidates
            ],
        }
    )


def as_table(saved: TrainedModel, filling: Filling) -> str:
    """Lay the filling out for reading."""
    lines = [visible(saved.codec.decode(filling.tokens))]
    for number, candidates in enumerate(filling.candidates, 1):
        lines += ["", f"blank {number}"]
        lines += [f"  {math.exp(c.log_prob):8.4f}  {visible(c.token)}" for c in candidates]
    return "\n".join(lines)
