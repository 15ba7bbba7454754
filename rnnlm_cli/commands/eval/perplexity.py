"""``rnnlm eval perplexity``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import click
import numpy as np

from rnnlm_cli.commands.shared.adaptation import (
    adaptation_options,
    adapted_scorer,
    as_numbers,
    cache_settings,
    dynamic_settings,
)
from rnnlm_cli.commands.shared.bars import bar
from rnnlm_cli.commands.shared.figures import figure
from rnnlm_cli.commands.shared.messages import note, print_result, visible
from rnnlm_cli.commands.shared.models import Chosen, choose_model, model_options
from rnnlm_cli.commands.shared.ngram import mix_with, mixture_rows
from rnnlm_cli.commands.shared.options import TEXT, FiniteRange, WholeRange
from rnnlm_cli.commands.shared.partners import Excludes, Needs, partners
from rnnlm_cli.commands.shared.texts import chosen_text, text_options
from rnnlm_cli.data.texts import choose_split, with_texts_of
from rnnlm_cli.errors import UsageError
from rnnlm_cli.evaluate.measure import Measure, measure_of
from rnnlm_cli.evaluate.perplexity import Perplexity, summed_up
from rnnlm_cli.evaluate.stream import Scored, Scorer, evaluation_blocks, score_blocks
from rnnlm_cli.exchange.arpa import read_arpa
from rnnlm_cli.model.bounds import score_warnings
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.corpus import Corpus


@click.command(
    epilog="Examples: rnnlm eval perplexity --checkpoint checkpoints/hello.pkl; "
    "rnnlm eval perplexity --corpus corpora/hello.txt --json --by-frequency; "
    "echo 'you say hello' | rnnlm eval perplexity --corpus -; "
    "rnnlm eval perplexity --corpus corpora/hello.txt --cache 10,0.5,0.1 --dynamic 0.1"
)
@model_options
@text_options
@click.option(
    "--streams",
    type=WholeRange(min=1),
    default=1,
    show_default=True,
    help="Read so many parts of the text side by side: faster; 1 is exact.",
)
@adaptation_options
@click.option(
    "--interpolate", type=TEXT, metavar="FILE.arpa", help="Also mix with an n-gram model."
)
@click.option(
    "--interpolate-weight",
    type=FiniteRange(min=0, max=1, min_open=True, max_open=True),
    help="Of the network in that mixture.  [default: fitted on the validation text]",
)
@click.option(
    "--by-frequency", is_flag=True, help="Also by how often a token stood in the training text."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@partners(
    Excludes(
        "--streams",
        "--cache --dynamic --interpolate",
        when=lambda streams: streams > 1,
        because="what adapts or mixes reads one stream",
    ),
    Needs("--interpolate-weight", "--interpolate"),
)
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    corpus: str | None,
    split: str | None,
    streams: int,
    cache: tuple[float, ...] | None,
    dynamic: tuple[float, ...] | None,
    interpolate: str | None,
    interpolate_weight: float | None,
    by_frequency: bool,
    as_json: bool,
) -> None:
    """Exact perplexity of a corpus.

    Perplexity is e to the mean of -log p over all tokens but the first, which is given. A token
    outside the vocabulary is scored as the unknown token. A bidirectional model sees what stands
    before and after a token, line by line: its figure is called pseudo-perplexity, counts no ends
    of lines, and compares with none of another kind. What --cache, --dynamic and --interpolate
    reach stands beside the figure of the model alone.
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
    saved = chosen.saved
    if saved.network.bidirectional and streams > 1:
        raise click.UsageError("--streams: a bidirectional model reads each line for itself")
    if adapted or arpa:
        saved.require_left_to_right("adapt to a text or be mixed with another model")
    text = chosen_text(chosen, corpus, split)
    start = time.perf_counter()
    result, own = measure_text(chosen, text, streams)
    measure = measure_of(saved.config.model)
    values = as_dict(result, text.name, chosen.path, measure)
    values["warnings"] = score_warnings(result.nats_per_token, len(saved.vocabulary))
    for warning in values["warnings"]:
        note(f"warning: {warning}")
    if adapted:
        better, own = measure_text(chosen, text, 1, score, at_once)
        values["adapted"] = {
            "how": adapted,
            "perplexity": better.perplexity,
            "perplexity_without_unknown": better.perplexity_without_unknown,
            "nats_per_token": better.nats_per_token,
        }
    if arpa:
        weight: float | tuple[Corpus, Array] | None = interpolate_weight
        if weight is None:
            valid = validation_text(chosen)
            weight = valid, measure_text(chosen, valid, 1, score, at_once)[1]
        values["interpolated"] = mix_with(arpa, saved, text, own, weight)._asdict()
    if by_frequency:
        values["by_frequency"] = [
            {
                "at_least": band.at_least,
                "below": band.below,
                "tokens": band.tokens,
                "perplexity": band.perplexity,
            }
            for band in result.bands
        ]
    values["seconds"] = round(time.perf_counter() - start, 3)
    print_result(json_line(values) if as_json else as_table(values, measure))


def measure_text(
    chosen: Chosen,
    text: Corpus,
    streams: int,
    score: Scorer = score_blocks,
    at_once: int | None = None,
) -> tuple[Perplexity, Array]:
    """Evaluate, with a progress bar; return the natural logs ``(N-1,)`` of one stream too."""
    saved = chosen.saved
    blocks = evaluation_blocks(text, streams, saved.line_edge, at_once)
    parts: list[Array] = []

    def recorded() -> Iterator[Scored]:
        for scored in score(saved.network, blocks):
            parts.append(scored.counted.log_probs)
            progress.update(len(parts[-1]))
            yield scored

    with bar(len(text) - text.given, "tok") as progress:
        result = summed_up(recorded(), text, saved.vocabulary)
    return result, np.concatenate(parts)


def validation_text(chosen: Chosen) -> Corpus:
    """Return the text on which a mixture is fitted."""
    config = with_texts_of(chosen.saved.config, chosen.config)
    try:
        choose_split(config, "valid")
    except UsageError:
        raise UsageError(
            "--interpolate: the model's configuration has no corpus.valid to fit the mixture on; "
            "give its weight with --interpolate-weight"
        ) from None
    return chosen_text(chosen, None, "valid")


def as_dict(result: Perplexity, corpus: str, checkpoint: str, measure: Measure) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        measure.key(): result.perplexity,
        "nats_per_token": result.nats_per_token,
        "bits_per_token": result.bits_per_token,
        "bits_per_character": result.bits_per_character,
        "bits_per_byte": result.bits_per_byte,
        "tokens": result.tokens,
        "oov": result.oov,
        "oov_rate": result.oov_rate,
        "unknown": result.unknown,
        f"{measure.key()}_without_unknown": result.perplexity_without_unknown,
        "corpus": corpus,
        "checkpoint": checkpoint,
    }


def as_table(values: dict[str, Any], measure: Measure) -> str:
    """Lay the values out for reading."""
    without = values[f"{measure.key()}_without_unknown"]
    rows = {
        measure.name: figure(values[measure.key()]),
        "without unknown": "no other token" if without is None else figure(without),
        "nats per token": figure(values["nats_per_token"], ".4f"),
        "bits per token": figure(values["bits_per_token"], ".4f"),
        "bits per character": figure(values["bits_per_character"], ".4f"),
        "bits per byte": figure(values["bits_per_byte"], ".4f"),
        "tokens predicted": f"{values['tokens']:,}",
        "unknown among them": f"{values['unknown']:,} ({values['oov']:,} out of vocabulary, "
        f"{values['oov_rate']:.2%})",
        "corpus": visible(values["corpus"]),
        "checkpoint": visible(values["checkpoint"]),
        "seconds": f"{values['seconds']:.1f}",
    }
    lines = [f"{name:<20}{value}" for name, value in rows.items()]
    if adapted := values.get("adapted"):
        lines += ["", f"with {adapted['how']}: perplexity {figure(adapted['perplexity'])}"]
    if mixed := values.get("interpolated"):
        lines += ["", *mixture_rows(mixed)]
    if bands := values.get("by_frequency"):
        lines += ["", f"{'times in training':<20}{'tokens':>10}{measure.name:>20}"]
        for band in bands:
            upto = "and more" if band["below"] is None else f"to {band['below'] - 1:,}"
            name = "never" if band["at_least"] == 0 else f"{band['at_least']:,} {upto}"
            lines.append(f"{name:<20}{band['tokens']:>10,}{figure(band['perplexity']):>20}")
    return "\n".join(lines)
