"""Shared by ``rnnlm eval words`` and ``rnnlm eval sentences``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

import click

from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import Chosen, model_options
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.texts import ChosenPieces, text_options
from rnnlm_cli.evaluate.line_scores import Line, Totals, scored_lines
from rnnlm_cli.evaluate.lines import AT_ONCE

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "kenlm", "srilm"]),
    default="table",
    show_default=True,
    help="kenlm and srilm are those programs' own formats, in log10; the others have nats.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object per line: --format json."
)

independent_option = click.option(
    "--independent",
    is_flag=True,
    help="Score each line by itself, after an end of line.  [default: carry the state on]",
)


def line_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for model, text, format and independence; ``--json`` is a format."""

    @partners(excludes("--format", "--json", when=lambda form: form != "json"))
    @wraps(command)
    def formed(*args: Any, form: str, as_json: bool, **options: Any) -> Any:
        return command(*args, form="json" if as_json else form, **options)

    options = format_option(json_option(independent_option(formed)))
    return model_options(text_options(options))


def chosen_lines(chosen: Chosen, text: ChosenPieces, independent: bool) -> Iterator[Line]:
    """Score a text line by line; standard input as it arrives."""
    at_once = 1 if text.live else AT_ONCE
    return scored_lines(chosen.saved, text.pieces, text.name, independent, at_once)


def print_lines(
    lines: Iterable[Line],
    show: Callable[[Line, Totals], str],
    end: Callable[[Totals], str] | None = None,
) -> None:
    """Print every line as it is scored, then the summary, if any."""
    totals = Totals()
    for line in lines:
        own = Totals()
        own.add(line.tokens)
        totals.add(line.tokens)
        if shown := show(line, own):
            print_result(shown)
    if end is not None:
        print_result(end(totals))
