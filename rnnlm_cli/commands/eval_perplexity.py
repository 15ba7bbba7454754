"""``rnnlm eval perplexity``."""

from __future__ import annotations

import time
from typing import Any

import click

from rnnlm_cli.commands.bars import bar
from rnnlm_cli.commands.models import choose_model, model_options
from rnnlm_cli.commands.options import TEXT
from rnnlm_cli.evaluate.perplexity import Perplexity, evaluate
from rnnlm_cli.json_line import json_line, with_measure
from rnnlm_cli.splits import read_split, read_text, with_texts_of


@click.command(
    epilog="Examples: rnnlm eval perplexity --checkpoint checkpoints/hello.pkl; "
    "rnnlm eval perplexity --split valid --json; "
    "echo 'you say hello' | rnnlm eval perplexity --corpus -"
)
@model_options
@click.option("--corpus", type=TEXT, metavar="FILE", help="Text to predict; - is standard input.")
@click.option(
    "--split",
    type=click.Choice(["train", "valid", "test"]),
    help="One of the config's texts  [default: test, else valid, else train]",
)
@click.option(
    "--streams",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Read so many parts of the text side by side: faster; 1 is exact.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    checkpoint_path: str | None,
    config_path: str | None,
    corpus: str | None,
    split: str | None,
    streams: int,
    as_json: bool,
) -> None:
    """Exact perplexity of a corpus.

    Perplexity is e to the mean of -log p over all tokens but the first, which is given. A token
    outside the vocabulary is scored as the unknown token. A bidirectional model sees what stands
    before and after a token, line by line: its figure is called pseudo-perplexity, counts no ends
    of lines, and compares with none of another kind.
    """
    if corpus and split:
        raise click.UsageError("--corpus and --split exclude each other")
    chosen = choose_model(checkpoint_path, config_path)
    saved = chosen.saved
    if saved.model.bidirectional and streams > 1:
        raise click.UsageError("--streams: a bidirectional model reads each line for itself")
    if corpus:
        text = read_text(saved.config, corpus, saved.vocabulary)
    else:
        config = with_texts_of(saved.config, chosen.config)
        text = read_split(config, split, saved.vocabulary)
    start = time.perf_counter()
    with bar(len(text) - text.given, "tok") as progress:
        result = evaluate(
            saved.model, text, saved.vocabulary, saved.tokenizer, streams, progress.update
        )
    seconds = time.perf_counter() - start
    values = as_dict(result, text.name, chosen.path, seconds)
    measure = saved.config.model.measure
    click.echo(json_line(with_measure(values, measure)) if as_json else as_table(values, measure))


def as_dict(result: Perplexity, corpus: str, checkpoint: str, seconds: float) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "perplexity": result.perplexity,
        "nats_per_token": result.nats_per_token,
        "bits_per_token": result.bits_per_token,
        "bits_per_character": result.bits_per_character,
        "tokens": result.tokens,
        "oov": result.oov,
        "unknown": result.unknown,
        "perplexity_without_unknown": result.perplexity_without_unknown,
        "corpus": corpus,
        "checkpoint": checkpoint,
        "seconds": round(seconds, 3),
    }


def as_table(values: dict[str, Any], measure: str) -> str:
    """Lay the values out for reading."""
    without = values["perplexity_without_unknown"]
    rows = {
        measure: f"{values['perplexity']:,.2f}",
        "without unknown": "no other token" if without is None else f"{without:,.2f}",
        "nats per token": f"{values['nats_per_token']:.4f}",
        "bits per token": f"{values['bits_per_token']:.4f}",
        "bits per character": f"{values['bits_per_character']:.4f}",
        "tokens predicted": f"{values['tokens']:,}",
        "unknown among them": f"{values['unknown']:,} ({values['oov']:,} out of vocabulary)",
        "corpus": values["corpus"],
        "checkpoint": values["checkpoint"],
        "seconds": f"{values['seconds']:.1f}",
    }
    return "\n".join(f"{name:<20}{value}" for name, value in rows.items())
