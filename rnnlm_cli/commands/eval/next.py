"""``rnnlm eval next``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import choose_model, device_option, one_model_options
from rnnlm_cli.commands.shared.options import UTF8, WholeRange
from rnnlm_cli.evaluate.next_token import TOP, next_tokens
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.report.texts import next_row, next_values
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "the ten most likely words",
        "rnnlm eval next --start 'you say'",
        "the first three, as JSON",
        "rnnlm eval next --start you --top 3 --json",
    )
)
@click.option("--start", type=UTF8, metavar="WORDS", required=True, help="Words before it.")
@one_model_options
@mixture_options
@click.option(
    "--top", type=WholeRange.of(TOP), default=10, show_default=True, help="Number of tokens."
)
@click.option(
    "--allow-unknown", is_flag=True, help="Allow start words that the model does not know."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@device_option
def command(
    start: str,
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
    top: int,
    allow_unknown: bool,
    as_json: bool,
) -> None:
    """The most likely next tokens after a start.

    Each is printed with its probability and nats (the natural log of the probability).
    """
    chosen = choose_model(checkpoint_path, config_path)
    tokens = look_up_start(chosen.saved, start, allow_unknown)
    saved = others.mixed(chosen).saved  # fits weights, so after what can be refused at once
    candidates = next_tokens(saved, tokens, top)
    if as_json:
        print_result(json_line(next_values(start, candidates)))
        return
    for candidate in candidates:
        print_result(next_row(candidate))
