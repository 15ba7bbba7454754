"""What ``rnnlm eval words`` and ``rnnlm eval sentences`` share."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any, NamedTuple

import click

from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.commands.shared.models import model_options
from rnnlm_cli.commands.shared.partners import Excludes, partners
from rnnlm_cli.commands.shared.texts import ChosenPieces, text_options
from rnnlm_cli.errors import CorpusError
from rnnlm_cli.evaluate.lines import AT_ONCE, ScoredLine, score_lines, whole_lines
from rnnlm_cli.exchange.backoff import BEGIN, UNKNOWN
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.score_forms import Token, Totals, others_name

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "kenlm", "srilm"]),
    default="table",
    show_default=True,
    help="kenlm and srilm are those programs' own forms, in log10; the others have nats.",
)

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object a line: --format json."
)

independent_option = click.option(
    "--independent",
    is_flag=True,
    help="Score each line by itself, after an end of line; else the state is carried on.",
)


def line_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for model, text, form and independence; ``--json`` is one of the forms."""

    @partners(Excludes("--format", "--json", when=lambda form: form != "json"))
    @wraps(command)
    def formed(*args: Any, form: str, as_json: bool, **options: Any) -> Any:
        return command(*args, form="json" if as_json else form, **options)

    options = format_option(json_option(independent_option(formed)))
    return model_options(text_options(options))


class Line(NamedTuple):
    """A line and its scored tokens."""

    number: int
    text: str  # without its end
    tokens: list[Token]
    unscored: list[str]  # what the tokens follow without a score: a text's very first token
    unknown: list[bool]  # of each, the unscored first: whether it counts as the unknown token


def scored_lines(saved: TrainedModel, text: ChosenPieces, independent: bool) -> Iterator[Line]:
    """Score a text line by line; standard input as it comes.

    Raises:
        CorpusError: There is no line.
    """
    pieces, at_once = whole_lines(text.pieces, text.name), 1 if text.live else AT_ONCE
    read = number = 0
    for number, line in enumerate(score_lines(saved, pieces, independent, at_once), 1):
        yield as_line(saved, number, line, 1 if independent else read)
        read += len(line.ids)
    if not number:
        raise CorpusError(f"{text.name}: the text is empty; name one with tokens")


def as_line(saved: TrainedModel, number: int, line: ScoredLine, read: int) -> Line:
    """Give the tokens of a line the ids that others would give them.

    Args:
        saved: The model.
        number: Of the line.
        line: Its tokens and their scores.
        read: How many tokens the model had read before.
    """
    end, unknown = saved.codec.line_end, saved.vocabulary.unknown_id
    words = line.tokens[:-1] if line.tokens and line.tokens[-1] == end else line.tokens
    tokens: list[Token] = []
    unscored: list[str] = []
    before = BEGIN
    for place, (text, k, log_prob) in enumerate(
        zip(line.tokens, line.ids.tolist(), line.log_probs.tolist(), strict=True)
    ):
        if math.isnan(log_prob):
            unscored.append(text)
        else:
            # 0 for the unknown token; those before it move up by one
            number_of = 0 if k == unknown else k + (k < unknown)
            ends = text == end and place == len(words)
            log10_prob = log_prob / math.log(10)
            tokens.append(Token(text, number_of, log10_prob, read + place, before, ends))
        before = UNKNOWN if k == unknown else others_name(text)
    return Line(number, saved.codec.join(words), tokens, unscored, (line.ids == unknown).tolist())


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
        if shown := show(line, own):
            print_result(shown)
    if end is not None:
        print_result(end(totals))


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
