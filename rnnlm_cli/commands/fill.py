"""``rnnlm fill``."""

from __future__ import annotations

import click

from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import choose_model, known_ids, one_model_options
from rnnlm_cli.commands.shared.options import TEXT, WholeRange
from rnnlm_cli.errors import quoted, shortened
from rnnlm_cli.evaluate.next_token import TOP
from rnnlm_cli.generate.blanks import cut_blanks
from rnnlm_cli.generate.fill import fill, fill_from_the_left
from rnnlm_cli.generate.start import known_tokens
from rnnlm_cli.report.texts import (
    filled_lines_table,
    filled_lines_values,
    filling_table,
    filling_values,
)
from rnnlm_cli.system.json_line import json_line


@click.command(
    epilog=examples(
        "the five best words for a blank",
        "rnnlm fill 'you say ___ and i say hello .' --top 5",
        "two blanks, without a token, as JSON",
        "rnnlm fill 'you ___ goodbye and i ___ hello .' --skip '<unk>' --json",
    )
)
@click.argument("line", type=TEXT)
@one_model_options
@mixture_options
@click.option(
    "--top",
    type=WholeRange.of(TOP),
    default=5,
    show_default=True,
    help="Number of words per blank, or of lines.",
)
@click.option(
    "--blank",
    type=TEXT,
    metavar="MARK",
    default="___",
    show_default=True,
    help="Mark of a blank.",
)
@click.option(
    "--skip",
    type=TEXT,
    metavar="TOKEN",
    multiple=True,
    help="Never fill a blank with this token. Repeatable.",
)
@click.option("--allow-unknown", is_flag=True, help="Allow words that the model does not know.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    line: str,
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
    top: int,
    blank: str,
    skip: tuple[str, ...],
    allow_unknown: bool,
    as_json: bool,
) -> None:
    """Fill the blanks of a line.

    A bidirectional model chooses each word from the words before and after it. Prints the filled
    line, then for each blank the most likely words and their probabilities, given the rest of the
    filled line.

    A left-to-right model, or a mixture of such models, searches for the most likely whole lines,
    one word per blank. Prints the best lines with nats, the natural log of the line's probability.
    """
    chosen = choose_model(checkpoint_path, config_path)
    tokens = cut_blanks(chosen.saved, line, blank)
    own = [token for token in tokens if token is not None]
    known_tokens(chosen.saved, own, allow_unknown, place=quoted(line))
    skipped = known_ids(chosen.saved, skip)
    saved = others.mixed(chosen).saved  # fits weights, so after what can be refused at once
    if saved.codec.one_character and len(blank) > 1:
        note(f"each {shortened(blank)} is one {saved.codec.noun}; with --blank _ each _ is one")
    if saved.network.bidirectional:
        filling = fill(saved, tokens, top, skipped)
        values = filling_values(filling, saved.codec)
        print_result(json_line(values) if as_json else filling_table(values))
        return
    values = filled_lines_values(fill_from_the_left(saved, tokens, top, skipped), saved.codec)
    print_result(json_line(values) if as_json else filled_lines_table(values))
