"""``rnnlm eval perplexity``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Literal

import click
import numpy as np

from rnnlm_cli.commands.shared.adaptation import (
    adaptation_options,
    as_numbers,
    cache_settings,
    dynamic_settings,
)
from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.bars import tokens as token_count
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.models import Chosen, choose_model, model_options, read_as
from rnnlm_cli.commands.shared.options import FiniteRange, PathName, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.texts import (
    GivenText,
    chosen_text,
    first_tokens_option,
    reads_training_text,
    text_options,
)
from rnnlm_cli.data.named import choose_split, with_texts_of
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.adaptation import adapted_scorer, recorded
from rnnlm_cli.evaluate.cautions import cautions, lower_bound_note
from rnnlm_cli.evaluate.measure import measure_of
from rnnlm_cli.evaluate.mixture import Mixture
from rnnlm_cli.evaluate.perplexity import Perplexity, summed_up
from rnnlm_cli.evaluate.stream import Scored, Scorer, evaluation_blocks, score_blocks
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.report.perplexity import (
    adapted_values,
    band_values,
    mixture_values,
    perplexity_table,
    perplexity_values,
)
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.corpus import Corpus

NOTABLE_SHARE = 0.1
"""Print a note if an n-gram model lacks more than this share of a text's tokens."""


@click.command(
    epilog=examples(
        "of a model, on the text that its config names",
        "rnnlm eval perplexity --checkpoint checkpoints/hello.pkl",
        "on another text, as JSON, also by how frequent words are",
        "rnnlm eval perplexity --corpus corpora/hello.txt --json --by-frequency",
        "on standard input",
        "echo 'you say hello' | rnnlm eval perplexity --corpus -",
        "with a cache of recent words, and a model that keeps learning",
        "rnnlm eval perplexity --corpus corpora/hello.txt --cache 10,0.5,0.1 --dynamic 0.1",
    )
)
@model_options
@text_options
@first_tokens_option
@click.option(
    "--streams",
    type=WholeRange(min=1),
    default=1,
    show_default=True,
    help="Read this many parts of the text in parallel: faster; 1 is exact.",
)
@click.option(
    "--lines",
    type=click.Choice(["stream", "independent"]),
    help="Carry the state from line to line, or read each line by itself.  [default: as the model "
    "was trained; stream with --streams, --cache, --dynamic or --interpolate]",
)
@adaptation_options
@click.option(
    "--interpolate",
    type=PathName(".arpa", ".arpa.gz"),
    metavar="FILE.arpa",
    help="Also mix with an n-gram model.",
)
@click.option(
    "--interpolate-weight",
    type=FiniteRange(min=0, max=1, min_open=True, max_open=True),
    help="Weight of the network in that mixture, between 0 and 1.  [default: fitted on "
    "the validation text]",
)
@click.option(
    "--by-frequency",
    is_flag=True,
    help="Also report by how often a token occurs in the training text.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@partners(
    excludes(
        "--streams",
        "--cache --dynamic --interpolate",
        when=lambda streams: streams > 1,
        because="adaptation and mixtures read one stream",
    ),
    excludes(
        "--lines",
        "--streams --cache --dynamic --interpolate",
        when=lambda lines: lines == "independent",
        because="they read one stream, or several",
    ),
    needs("--interpolate-weight", "--interpolate"),
)
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    corpus: GivenText | None,
    split: str | None,
    encoding: str | None,
    tokens: int | None,
    streams: int,
    lines: Literal["stream", "independent"] | None,
    cache: tuple[float, ...] | None,
    dynamic: tuple[float, ...] | None,
    interpolate: str | None,
    interpolate_weight: float | None,
    by_frequency: bool,
    as_json: bool,
) -> None:
    """Exact perplexity of a corpus.

    Perplexity is e to the mean of -log p over all tokens except the first, which is given. A token
    outside the vocabulary is scored as the unknown token. A model that was trained on single lines
    (training.lines: independent) reads each line by itself, after an end of line, and then the
    first token is predicted too; see --lines. A bidirectional model sees the words
    before and after a token, line by line: its figure is called pseudo-perplexity, does not count
    ends of lines, and can be compared only with other pseudo-perplexities. Results with --cache,
    --dynamic and --interpolate are printed beside that of the model alone.
    """
    score, at_once = adapted_scorer(
        cache_settings(cache) if cache else None, dynamic_settings(dynamic) if dynamic else None
    )
    adapted = " ".join(
        f"{name} {as_numbers(numbers)}"
        for name, numbers in (("cache", cache), ("dynamic", dynamic))
        if numbers
    )
    arpa = read_arpa(interpolate) if interpolate else None
    chosen = choose_model(checkpoint_path, config_path)
    as_stream = streams > 1 or adapted or arpa
    chosen = read_as(chosen, "stream" if as_stream and lines is None else lines)
    saved = chosen.saved
    if saved.network.bidirectional and streams > 1:
        raise click.UsageError("--streams: a bidirectional model reads each line by itself")
    if adapted or arpa:
        saved.require_left_to_right("adapt to a text or be mixed with another model")
    text = chosen_text(chosen, corpus, split, encoding, tokens=tokens)
    start = time.perf_counter()
    result, own = measure_text(chosen, text, streams)
    measure = measure_of(saved.config.model)
    values = perplexity_values(result, text.name, chosen.path, measure)
    values["lines"] = saved.config.how_read
    trained_on = reads_training_text(chosen, corpus, split)
    values["warnings"] = warned(cautions(saved, text, result, trained_on))
    for line in lower_bound_note(result.oov):
        note(line)
    if adapted:
        better, own = measure_text(chosen, text, 1, score, at_once)
        values["adapted"] = adapted_values(adapted, better)
    if arpa:
        mixture = Mixture(arpa, saved.vocabulary, saved.codec.line_end)
        weight = interpolate_weight
        if weight is None:
            valid = validation_text(chosen)
            note_strangers(mixture, valid)
            valid_logs = measure_text(chosen, valid, 1, score, at_once)[1]
            weight = mixture.fitted_weight(valid, valid_logs)
        note_strangers(mixture, text)
        mixed = mixture.measure(text, own, weight, fitted=interpolate_weight is None)
        values["interpolated"] = mixture_values(mixed, text.size)
    if by_frequency:
        values["by_frequency"] = [band_values(band) for band in result.bands]
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else perplexity_table(values, measure))


def measure_text(
    chosen: Chosen,
    text: Corpus,
    streams: int,
    score: Scorer = score_blocks,
    at_once: int | None = None,
) -> tuple[Perplexity, Array]:
    """Evaluate, with a progress bar; also return one stream's log-probabilities ``(N-1,)``."""
    saved = chosen.saved
    recording, parts = recorded(score)
    both = saved.network.bidirectional
    blocks = evaluation_blocks(text, streams, saved.line_edge, at_once, both)

    def counted() -> Iterator[Scored]:
        for scored in recording(saved.network, blocks):
            progress.update(len(scored.counted.targets))
            yield scored

    with Bar(len(text) - text.given, token_count) as progress:
        result = summed_up(counted(), text, saved.vocabulary)
    return result, np.concatenate(parts)


def validation_text(chosen: Chosen) -> Corpus:
    """Return the text that a mixture is fitted on."""
    config = with_texts_of(chosen.saved.config, chosen.config)
    try:
        choose_split(config, "valid")
    except UsageError:
        raise UsageError(
            "--interpolate: the model's configuration has no corpus.valid to fit the mixture on; "
            "give its weight with --interpolate-weight"
        ) from None
    return chosen_text(chosen, None, "valid")


def note_strangers(mixture: Mixture, text: Corpus) -> None:
    """Print a note if an n-gram model lacks many tokens of a text."""
    share = mixture.share_of_strangers(text)
    if share > NOTABLE_SHARE:
        note(
            f"{share:.0%} of the text's tokens are not in the n-gram model; does it fit this text?"
        )
