"""``rnnlm generate``."""

from __future__ import annotations

import secrets
from typing import Any

import click

from rnnlm_cli.commands.shared.beam import beam_options
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note
from rnnlm_cli.commands.shared.mixtures import Others, mixture_options
from rnnlm_cli.commands.shared.models import (
    choose_writer,
    device_option,
    one_model_options,
    tokens_as_read,
)
from rnnlm_cli.commands.shared.options import (
    FILE,
    TEXT,
    UTF8,
    WholeRange,
    encoding_option,
)
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.sampling import OF_DRAWING, make_filters, sampling_options
from rnnlm_cli.commands.shared.texts import noted_pieces, reading_limits
from rnnlm_cli.commands.shared.writing import show, stream
from rnnlm_cli.generate.limits import LENGTH, SAMPLES, SEED, check_room
from rnnlm_cli.generate.start import look_up_start
from rnnlm_cli.generate.text import ending, generate, search
from rnnlm_cli.generate.written import WrittenText
from rnnlm_cli.model.trained import TrainedModel


@click.command(
    epilog=examples(
        "continue a word",
        "rnnlm generate --start you",
        "bolder or safer, the same text each time, without a token",
        "rnnlm generate --start 'you say' --length 20 --temperature 0.8 --seed 3 --skip '<unk>'",
        "five lines as JSON",
        "rnnlm generate --start you --samples 5 --top-p 0.9 --until-sentences 1 --json",
        "the most likely text",
        "rnnlm generate --start you --beam 5 --length 10",
        "a line for a label",
        "rnnlm generate --checkpoint checkpoints/lines.pkl --given sea",
        "continue a text from a pipe",
        "echo 'you say' | rnnlm generate --start-file - --length 10",
    )
)
@click.option(
    "--start",
    type=UTF8,
    metavar="WORDS",
    help="Words to continue.  [default: the beginning of a line]",
)
@click.option(
    "--start-file", type=FILE, metavar="FILE", help="Text to continue; - is standard input."
)
@encoding_option("utf-8, of --start-file")
@click.option(
    "--given",
    type=UTF8,
    metavar="LABEL",
    help="Write a line for this label, with a model of task.kind: description.",
)
@one_model_options
@mixture_options
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
    help="Random seed; sample k (from 0) uses SEED + k.  [default: random; printed]",
)
@click.option(
    "--samples",
    type=WholeRange.of(SAMPLES),
    default=1,
    show_default=True,
    help="Number of texts.",
)
@click.option(
    "--stop", type=TEXT, metavar="TOKEN", multiple=True, help="Stop after this token. Repeatable."
)
@click.option("--until-sentences", type=WholeRange(min=1), help="Stop after this many lines.")
@beam_options("texts", "Beam search of this width: find the most likely texts, draw nothing.")
@click.option(
    "--allow-unknown", is_flag=True, help="Allow start words that the model does not know."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per sample.")
@device_option
@partners(
    excludes("--start", "--start-file"),
    excludes(
        "--beam",
        f"--seed {OF_DRAWING}",
        because="a beam search draws nothing",
    ),
    needs("--allow-unknown", "--start --start-file"),
    needs("--encoding", "--start-file"),
)
def command(
    start: str | None,
    start_file: str | None,
    encoding: str | None,
    given: str | None,
    checkpoint_path: str | None,
    config_path: str | None,
    others: Others,
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
    """Generate text from a start.

    Each token is drawn from the model's next-token distribution. --skip and the options between
    it and --seed change it, in the order in which they are listed here. An end of line in the text
    begins a new line; punctuation is attached to its word. Without a start the text begins at the
    beginning of a line, and only generated text is printed. With --given the text is one line,
    unless --until-sentences says how many.
    """
    if beam is not None and samples > beam:
        raise click.UsageError(f"--samples {samples}: --beam {beam} finds at most {beam} texts")
    chosen = choose_writer(checkpoint_path, config_path, given)
    saved = chosen.saved
    saved.require_left_to_right("write text from left to right; rnnlm fill fills its blanks")
    tokens = read_start(saved, start, start_file, encoding, allow_unknown)
    if given is not None and until_sentences is None:
        until_sentences = 1
    asked = make_filters(saved, **sampling)
    if not stop and until_sentences is None:
        check_room(saved, asked, tokens, length)
    filters = asked.in_order()
    ends = ending(saved, tokens_as_read(saved, stop, "--stop"), until_sentences)
    saved = others.mixed(chosen).saved  # fits weights, so after what can be refused at once
    if beam is not None:
        texts = search(saved, tokens, length, beam, filters, ends, length_penalty)
        show(saved, texts[:samples], as_json)
        return
    if seed is None:
        seed = secrets.randbelow(1_000_000)
        note(f"seed {seed}")
    seeds = range(seed, seed + samples)
    if samples == 1 and not as_json:
        stream(WrittenText(saved, tokens, seed).go_on(length, filters, ends))
        return
    *_, texts = generate(saved, tokens, length, seeds, filters, ends)
    show(saved, texts, as_json)


def read_start(
    saved: TrainedModel,
    start: str | None,
    start_file: str | None,
    encoding: str | None,
    allow_unknown: bool,
) -> list[str]:
    """Return the tokens that a text begins with; those of a file include ends of lines.

    Raises:
        UsageError: The model does not know a token, or there is no start and no end-of-line token.
    """
    if start_file is None:
        return look_up_start(saved, start, allow_unknown)
    pieces = noted_pieces([start_file], reading_limits(saved, encoding), saved)
    tokens = [token for piece in pieces for token in saved.codec.tokens(piece)]
    if tokens and tokens[-1] == saved.codec.line_end:
        del tokens[-1]  # the text continues the last line
    return look_up_start(saved, tokens, allow_unknown, "start_file")
