"""What ``rnnlm eval words`` and ``rnnlm eval sentences`` share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

import click
import numpy as np

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.evaluate.lines import AT_ONCE, ScoredLine, score_lines
from rnnlm_cli.exchange.score_reports import BEGIN, END, UNKNOWN, Token, Totals
from rnnlm_cli.text.reader import STANDARD_INPUT, read_pieces

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "kenlm", "srilm"]),
    default="table",
    show_default=True,
    help="kenlm and srilm are those programs' own forms, in log10; the others have nats.",
)

independent_option = click.option(
    "--independent",
    is_flag=True,
    help="Score each line by itself, after an end of line; else the state is carried on.",
)

NAMES = {" ": "<space>", "\t": "<tab>"}
"""What characters are called that would break a form that others read."""


class Line(NamedTuple):
    """A line and its scored tokens."""

    number: int
    text: str  # without its end
    tokens: list[Token]
    unscored: list[str]  # what the tokens follow without a score: a text's very first token


def scored_lines(saved: SavedModel, sources: list[str], independent: bool) -> Iterator[Line]:
    """Score a text line by line; standard input as it comes."""
    pieces = chain.from_iterable(map(read_pieces, sources))
    at_once = 1 if sources == [STANDARD_INPUT] else AT_ONCE
    scored = whole(score_lines(saved, pieces, independent, at_once))
    read = 0
    for number, line in enumerate(scored, 1):
        first = 1 if independent else read  # tokens read before the line
        yield as_line(saved, number, line, first)
        read += len(line.ids)


def whole(parts: Iterable[ScoredLine]) -> Iterator[ScoredLine]:
    """Put the parts of very long lines together."""
    pending: list[ScoredLine] = []
    for part in parts:
        pending.append(part)
        if part.ends_line:
            if len(pending) > 1:
                yield ScoredLine(
                    [token for piece in pending for token in piece.tokens],
                    np.concatenate([piece.ids for piece in pending]),
                    np.concatenate([piece.log_probs for piece in pending]),
                    True,
                )
            else:
                yield part
            pending = []


def as_line(saved: SavedModel, number: int, line: ScoredLine, read: int) -> Line:
    """Give the tokens of a line their names and ids as others know them."""
    end, unknown = saved.tokenizer.line_end, saved.vocabulary.unknown_id
    words = line.tokens[:-1] if line.tokens and line.tokens[-1] == end else line.tokens
    separator = "" if saved.tokenizer.unit == "char" else " "
    tokens, unscored, before = [], [], BEGIN
    for place, (token, k, log_prob) in enumerate(
        zip(line.tokens, line.ids.tolist(), line.log_probs.tolist(), strict=True)
    ):
        name = END if token == end else NAMES.get(token, token)
        if math.isnan(log_prob):
            unscored.append(name)
        else:
            # 0 for the unknown token; those before it move up by one
            number_of = 0 if k == unknown else k + (k < unknown)
            tokens.append(Token(name, number_of, log_prob / math.log(10), read + place, before))
        before = UNKNOWN if k == unknown else name
    return Line(number, separator.join(words), tokens, unscored)


def print_lines(
    lines: Iterable[Line],
    show: Callable[[Line, Totals], str],
    end: Callable[[Totals], str] | None = None,
) -> None:
    """Print every line as it is scored, and what there is to say at the end."""
    totals = Totals()
    for line in lines:
        own = Totals()
        own.add(line.tokens)
        totals.add(line.tokens)
        click.echo(show(line, own))
    if end is not None:
        click.echo(end(totals))


def nats(log10_prob: float) -> float:
    """Return a natural log."""
    return log10_prob * math.log(10)


def line_values(line: Line, totals: Totals) -> dict[str, Any]:
    """Return what ``--format json`` says of a line."""
    return {
        "line": line.number,
        "logprob": nats(totals.log10_prob),
        "tokens": totals.tokens,
        "unknown": totals.unknown,
        "text": line.text,
    }
