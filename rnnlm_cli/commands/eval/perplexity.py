"""``rnnlm eval perplexity``."""

from __future__ import annotations

import time
from typing import Literal

import click
import numpy as np

from rnnlm_cli.commands.eval.described import print_described
from rnnlm_cli.commands.shared.adaptation import (
    adaptation_options,
    as_numbers,
    cache_settings,
    dynamic_settings,
)
from rnnlm_cli.commands.shared.bars import Bar
from rnnlm_cli.commands.shared.bars import tokens as token_count
from rnnlm_cli.commands.shared.dynamic import gradient_rms
from rnnlm_cli.commands.shared.examples import examples
from rnnlm_cli.commands.shared.messages import note, print_result, warned
from rnnlm_cli.commands.shared.mixtures import (
    Others,
    mixture_options,
    note_strangers,
    validation_text,
)
from rnnlm_cli.commands.shared.models import (
    Chosen,
    choose_network,
    device_option,
    language_of,
    model_options,
    read_as,
)
from rnnlm_cli.commands.shared.options import FiniteRange, WholeRange
from rnnlm_cli.commands.shared.partners import excludes, needs, partners
from rnnlm_cli.commands.shared.ranks import check_same_models, divided
from rnnlm_cli.commands.shared.texts import (
    WantedText,
    chosen_text,
    first_tokens_option,
    reads_training_text,
    text_options,
)
from rnnlm_cli.config.task import Description, Language
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.adaptation import adapted_scorer
from rnnlm_cli.evaluate.cautions import cautions, lower_bound_note
from rnnlm_cli.evaluate.dynamic import SEGMENT_TOKENS, DynamicSettings
from rnnlm_cli.evaluate.interpolation import fit_weights
from rnnlm_cli.evaluate.perplexity import Perplexity, summary, sums_by_type
from rnnlm_cli.evaluate.stream import Counted, Scorer, evaluation_blocks, score_blocks
from rnnlm_cli.report.perplexity import (
    adapted_values,
    band_values,
    mixed_values,
    perplexity_table,
    perplexity_values,
)
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.tasks import measure_of
from rnnlm_cli.text.corpus import Corpus
from rnnlm_cli.train.blocks import shared
from rnnlm_cli.train.dealing import share_cores
from rnnlm_cli.train.group import ALONE, Group


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
        "that learns as Krause et al. (2018) published it, a step after each 5 tokens",
        "rnnlm eval perplexity --corpus corpora/hello.txt --dynamic 0.0001,0.002 --rms --segment 5",
        "mixed with another model, half and half",
        "rnnlm eval perplexity --corpus corpora/hello.txt --mix checkpoints/hello.pkl "
        "--mix-weights 0.5,0.5",
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
    "was trained; stream with --streams, --cache or --dynamic]",
)
@adaptation_options
@mixture_options
@click.option(
    "--interpolate-weight",
    type=FiniteRange(min=0, max=1, min_open=True, max_open=True),
    help="Weight of the network in a mixture with an n-gram model alone, between 0 and 1.",
)
@click.option(
    "--by-frequency",
    is_flag=True,
    help="Also report by how often a token occurs in the training text.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@device_option
@partners(
    excludes(
        "--streams",
        "--cache --dynamic --mix --interpolate",
        when=lambda streams: streams > 1,
        because="adaptation and mixtures read one stream",
    ),
    excludes(
        "--lines",
        "--streams --cache --dynamic",
        when=lambda lines: lines == "independent",
        because="they read one stream, or several",
    ),
    needs("--interpolate-weight", "--interpolate"),
    excludes(
        "--interpolate-weight", "--mix --mix-weights", because="--mix-weights has all weights"
    ),
)
@divided
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    wanted: WantedText,
    tokens: int | None,
    streams: int,
    lines: Literal["stream", "independent"] | None,
    cache: tuple[float, ...] | None,
    dynamic: tuple[float, ...] | None,
    segment: int,
    rms: bool,
    rms_file: str | None,
    others: Others,
    interpolate_weight: float | None,
    by_frequency: bool,
    as_json: bool,
    group: Group,
) -> None:
    """Exact perplexity of a corpus.

    Perplexity is e to the mean of -log p over all tokens except the first, which is given. A token
    outside the vocabulary is scored as the unknown token. A model that was trained on single lines
    (training.lines: independent) reads each line by itself, after an end of line, and then the
    first token is predicted too; see --lines. A bidirectional model sees the words
    before and after a token, line by line: its figure is called pseudo-perplexity, does not count
    ends of lines, and can be compared only with other pseudo-perplexities. Results with --cache,
    --dynamic, --mix and --interpolate are printed beside that of the model alone. A mixture adds up
    the weighted probabilities of all models, token by token; with --cache or --dynamic its first
    model adapts, the others do not. A model of task.kind: description reads lines of label, tab and
    text, each given its label. Several processes (mpiexec -n N, docs/scaling.md) divide --streams,
    or lines that are read by themselves; one stream is read by one process, token after token.
    """
    caching = cache_settings(cache) if cache else None
    learning = dynamic_settings(dynamic, segment, rms) if dynamic else None
    adapted = how_adapted(cache, dynamic, learning)
    if interpolate_weight is not None:
        others = others._replace(weights=(interpolate_weight, 1 - interpolate_weight))
    found = choose_network(checkpoint_path, config_path, Language, Description)
    if isinstance(found.saved.config.task, Description):
        print_described(found, wanted, by_frequency, as_json)
        return
    chosen = language_of(found)
    as_stream = streams > 1 or adapted
    chosen = read_as(chosen, "stream" if as_stream and lines is None else lines)
    saved = chosen.saved
    if saved.network.bidirectional and streams > 1:
        raise click.UsageError("--streams: a bidirectional model reads each line by itself")
    if adapted:
        saved.require_left_to_right("adapt to a text")
    check_same_models(group, [chosen.path, *others.names])
    mixing = others.mixing(chosen)
    check_divisible(group, streams, saved.line_edge is not None, bool(adapted or mixing))
    valid = validation_text(chosen) if mixing is not None and others.weights is None else None
    text = group.first(lambda: chosen_text(chosen, wanted, tokens=tokens))
    start = time.perf_counter()
    squares = gradient_rms(chosen, segment, rms_file) if rms else None
    score, at_once = adapted_scorer(caching, learning, squares)
    result, own = measure_text(chosen, text, streams, group=group)
    measure = measure_of(saved.config)
    values = perplexity_values(result, text.name, chosen.path, measure)
    values["lines"] = saved.config.how_read
    trained_on = reads_training_text(chosen, wanted)
    values["warnings"] = warned(cautions(saved, text, result, trained_on))
    for line in lower_bound_note(result.oov):
        note(line)
    if adapted:
        better, own = measure_text(chosen, text, 1, score, at_once)
        values["adapted"] = adapted_values(adapted, better)
    if mixing is not None:
        if adapted:
            note(f"of the mixture only {chosen.path} adapts")
        weights = others.weights or ()
        if valid is not None:
            note_strangers(mixing, valid)
            valid_own = measure_text(chosen, valid, 1, score, at_once)[1]
            weights = tuple(fit_weights(mixing.scores_beside(valid_own.log_probs, valid)))
        note_strangers(mixing, text)
        mixed = mixing.measure(text, own, weights, fitted=valid is not None)
        values |= mixed_values(mixed, [chosen.path, *others.names], text.size)
    if by_frequency:
        values["by_frequency"] = [band_values(band) for band in result.bands]
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else perplexity_table(values, measure))


def how_adapted(
    cache: tuple[float, ...] | None,
    dynamic: tuple[float, ...] | None,
    learning: DynamicSettings | None,
) -> str:
    """Say how a model adapts, as the options do; empty if it does not."""
    said = [f"cache {as_numbers(cache)}"] if cache else []
    if dynamic and learning:
        said.append(f"dynamic {as_numbers(dynamic)}")
        if learning.segment != SEGMENT_TOKENS:
            said.append(f"segment {learning.segment}")
        if learning.epsilon is not None:
            said.append("rms")
    return " ".join(said)


def check_divisible(group: Group, streams: int, by_line: bool, one_by_one: bool) -> None:
    """Check that there is something to divide among ranks.

    Args:
        group: The ranks.
        streams: How many the text is read in.
        by_line: Whether lines are read by themselves.
        one_by_one: Whether each token's score depends on those before, or is mixed with others.

    Raises:
        UsageError: There is not.
    """
    if group.size == 1:
        return
    if one_by_one:
        raise UsageError(
            f"adaptation and mixtures cannot be divided among {group.size} ranks; omit mpiexec"
        )
    if not by_line and streams < group.size:
        said = "one stream" if streams == 1 else f"{streams} streams"
        raise UsageError(
            f"{said} cannot be divided among {group.size} ranks",
            field="streams",
            remedy=f"use at least {group.size}, or omit mpiexec: the exact figure is that of one "
            "stream, which one process reads",
        )


def measure_text(
    chosen: Chosen,
    text: Corpus,
    streams: int,
    score: Scorer = score_blocks,
    at_once: int | None = None,
    group: Group = ALONE,
) -> tuple[Perplexity, Counted]:
    """Evaluate, with a progress bar; return own targets with log-probabilities."""
    saved = chosen.saved
    both = saved.network.bidirectional
    blocks = shared(evaluation_blocks(text, streams, saved.line_edge, at_once, both), group)

    share_cores(group)
    parts: list[Counted] = []
    with Bar((len(text) - text.given) // group.size, token_count) as progress:
        for scored in score(saved.network, blocks):
            parts.append(scored.counted)
            progress.update(len(parts[-1].targets))
        sums = group.gather(sums_by_type(parts, saved.vocabulary))
    nats, times = (sum(part) for part in zip(*sums, strict=True))
    result = summary(text, saved.vocabulary, nats, times)
    return result, Counted(*map(np.concatenate, zip(*parts, strict=True)))
