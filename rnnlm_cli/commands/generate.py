"""``rnnlm generate``."""

from __future__ import annotations

import secrets
from typing import Any

import click

from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.models import choose_model, model_options, tokens_as_read
from rnnlm_cli.commands.shared.options import TEXT, UTF8, FiniteRange, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.sampling import OF_DRAWING, make_filters, sampling_options
from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.commands.shared.writing import show, stream
from rnnlm_cli.generate.beam import PENALTY, WIDTH
from rnnlm_cli.generate.limits import LENGTH, SAMPLES, SEED, check_room
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import ending, generate, search
from rnnlm_cli.model.trained import TrainedModel


@click.command(
    epilog="Examples: rnnlm generate --start you; "
    "rnnlm generate --start 'you say' --length 20 --temperature 0.8 --seed 3 --skip '<unk>'; "
    "rnnlm generate --start you --samples 5 --top-p 0.9 --until-sentences 1 --json; "
    "rnnlm generate --start you --beam 5 --length 10; "
    "echo 'you say' | rnnlm generate --start-file - --length 10"
)
@click.option(
    "--start",
    type=UTF8,
    metavar="WORDS",
    help="What the text begins with.  [default: the beginning of a line]",
)
@click.option(
    "--start-file", type=TEXT, metavar="FILE", help="Begin with a whole text; - is standard input."
)
@model_options
@click.option(
    "--length",
    type=WholeRange.of(LENGTH),
    default=100,
    show_default=True,
    help="Tokens to generate.",
)
@sampling_options
@click.option(
    "--seed",
    type=WholeRange.of(SEED),
    help="Of the first sample; the next has the next one.  [default: a new one, told]",
)
@click.option(
    "--samples",
    type=WholeRange.of(SAMPLES),
    default=1,
    show_default=True,
    help="How many texts.",
)
@click.option(
    "--stop", type=TEXT, metavar="TOKEN", multiple=True, help="End with this token. Repeatable."
)
@click.option("--until-sentences", type=WholeRange(min=1), help="End after so many ends of lines.")
@click.option(
    "--beam",
    type=WholeRange.of(WIDTH),
    help="Draw nothing; search for the likeliest texts, with so many on the way.",
)
@click.option(
    "--length-penalty",
    type=FiniteRange.of(PENALTY),
    default=1.0,
    show_default=True,
    help="Of --beam: texts are compared by their sum of logs over LENGTH ** this.",
)
@click.option("--allow-unknown", is_flag=True, help="Start words may be unknown to the model.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a sample.")
@partners(
    excludes("--start", "--start-file"),
    excludes("--checkpoint", "--config", because="each names the model"),
    excludes(
        "--beam",
        f"--seed {OF_DRAWING}",
        because="a beam search draws nothing",
    ),
    needs("--length-penalty", "--beam"),
    needs("--allow-unknown", "--start --start-file"),
)
def command(
    start: str | None,
    start_file: str | None,
    checkpoint_path: str | None,
    config_path: str | None,
    length: int,
    seed: int | None,
    samples: int,
    stop: tuple[str, ...],
    until_sentences: int | None,
    beam: int | None,
    length_penalty: float,
    allow_unknown: bool,
    as_json: bool,
    **sampling: Any,
) -> None:
    """Write text that goes on from a start.

    Each token is drawn from the model's distribution of the next one. Some options change it
    first: --skip and those between it and --seed, in the order in which they are listed here. An
    end of line in the text begins a new line, and punctuation is attached to its word. Without a
    start the text begins as a line begins; it is then all that is printed.
    """
    if beam is not None and samples > beam:
        raise click.UsageError(
            f"--samples {samples}: --beam {beam} finds no more than {beam} texts"
        )
    saved = choose_model(checkpoint_path, config_path).saved
    saved.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    tokens = read_start(saved, start, start_file, allow_unknown)
    chosen = make_filters(saved, **sampling)
    if not stop and until_sentences is None:
        check_room(saved, chosen, tokens, length)
    filters = chosen.in_order()
    ends = ending(saved, tokens_as_read(saved, stop, "--stop"), until_sentences)
    if beam is not None:
        texts = search(saved, tokens, length, beam, filters, ends, length_penalty)
        show(saved, texts[:samples], as_json)
        return
    if seed is None:
        seed = secrets.randbelow(1_000_000)
        note(f"seed {seed}")
    seeds = range(seed, seed + samples)
    if samples == 1 and not as_json:
        stream(saved, tokens, length, seed, filters, ends)
        return
    *_, texts = generate(saved, tokens, length, seeds, filters, ends)
    show(saved, texts, as_json)


def read_start(
    saved: TrainedModel, start: str | None, start_file: str | None, allow_unknown: bool
) -> list[str]:
    """Return the tokens that a text begins with; in a file the ends of lines are among them.

    Raises:
        UsageError: The model does not know one, or there is none and it knows no end of a line.
    """
    if start_file is None:
        return look_up_start(saved, start, allow_unknown)
    pieces = noted_pieces([start_file], reading_limits(saved))
    tokens = [token for piece in pieces for token in saved.codec.tokens(piece)]
    if tokens and tokens[-1] == saved.codec.line_end:
        del tokens[-1]  # the text goes on in the last line
    return look_up_start(saved, tokens, allow_unknown, "start_file")
