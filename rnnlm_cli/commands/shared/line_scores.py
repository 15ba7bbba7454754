"""Shared by ``rnnlm eval words`` and ``rnnlm eval sentences``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any

import click

from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.mixtures import Others
from rnnlm_cli.commands.shared.models import Chosen, model_options
from rnnlm_cli.commands.shared.partners import excludes, partners
from rnnlm_cli.commands.shared.texts import ChosenPieces, text_options
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.line_scores import Line, Totals, scored_lines
from rnnlm_cli.evaluate.lines import AT_ONCE
from rnnlm_cli.report.lines import ORDERS
from rnnlm_cli.report.table import aligned
from rnnlm_cli.train.dealing import deal_of
from rnnlm_cli.train.group import ALONE, Group

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


def independent_option(default: bool) -> Callable[..., Any]:
    """Return the option for lines by themselves or as one stream."""
    return click.option(
        "--independent/--carry-state",
        default=default,
        show_default=True,
        help="Score each line by itself, after an end of line, or read the text as one stream.",
    )


def line_options(command: Callable[..., Any], independent: bool) -> Callable[..., Any]:
    """Add the options for model, text, format and independence; ``--json`` is a format.

    Args:
        command: The command.
        independent: Whether each line is scored by itself by default.
    """

    @partners(excludes("--format", "--json", when=lambda form: form != "json"))
    @wraps(command)
    def formed(*args: Any, form: str, as_json: bool, **options: Any) -> Any:
        return command(*args, form="json" if as_json else form, **options)

    options = format_option(json_option(independent_option(independent)(formed)))
    return model_options(text_options(options))


def chosen_lines(
    chosen: Chosen, others: Others, text: ChosenPieces, independent: bool, group: Group = ALONE
) -> Iterator[Line]:
    """Score a text line by line; standard input as it arrives, unless ranks divide it.

    Weights of a mixture are fitted after all that can be refused at once.

    Raises:
        UsageError: Each line is to be scored by itself, and the model has no end-of-line token; or
            several ranks are to read one stream.
    """
    if independent and not chosen.saved.knows_line_end:
        raise UsageError(
            "the model has no end-of-line token, so it cannot score a line by itself",
            place=chosen.path,
            remedy="use {carry_state=True} to score the text as one stream, or train with "
            "corpus.end_of_line",
        )
    if not independent and group.size > 1:
        raise UsageError(
            f"one stream cannot be divided among {group.size} ranks",
            field="carry_state",
            remedy="omit mpiexec, or score each line by itself with {independent=True}",
        )
    at_once = 1 if text.live and group.size == 1 else AT_ONCE
    deal = deal_of(group)
    saved = others.mixed(chosen).saved
    return scored_lines(saved, text.pieces, text.name, independent, at_once, deal)


def on_screen(rows: str, widths: Sequence[int]) -> str:
    """Return rows with aligned columns for a terminal, and with tabs for a file or a pipe."""
    if sys.stdout is None or not sys.stdout.isatty():
        return rows
    return "\n".join(aligned(row, widths) for row in rows.split("\n"))


def in_order(lines: Iterable[Line], order: str | None) -> Iterable[Line]:
    """Return lines in one of ``ORDERS``, the most probable one first; unsorted by default."""
    if order is None:
        return lines
    value_of = ORDERS[order]

    def value(line: Line) -> float:
        own = Totals()
        own.add(line.tokens)
        return value_of(own)

    return sorted(lines, key=value)


def print_lines(
    lines: Iterable[Line],
    show: Callable[[Line, Totals], str],
    end: Callable[[Totals], str] | None = None,
    header: str = "",
) -> None:
    """Print every line as it is scored, below the header, then the summary, if there are any."""
    totals = Totals()
    for line in lines:
        if header and not totals.lines:
            print_result(header)
        own = Totals()
        own.add(line.tokens)
        totals.add(line.tokens)
        if shown := show(line, own):
            print_result(shown)
    if end is not None:
        print_result(end(totals))
