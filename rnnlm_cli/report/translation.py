"""Translations and how good they are: plain values, tables, and the attention as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rnnlm_cli.errors import shortened
from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.generate.quality import Quality
from rnnlm_cli.generate.translation import Translation
from rnnlm_cli.report.charts import Chart, Heat, Sheet
from rnnlm_cli.report.page import as_text
from rnnlm_cli.report.table import columns, figure, grid
from rnnlm_cli.system.arrays import Array
from rnnlm_cli.text.codec.base import Codec

MOST_EXAMPLES = 5
"""Wrong translations that a table shows."""


def translation_values(
    line: str, text: str, found: Translation, attention: Array | None = None
) -> dict[str, Any]:
    """Return a translation as plain values.

    Args:
        line: What was translated.
        text: What was written.
        found: Its tokens.
        attention: ``(T, S)``, if it is asked for.
    """
    values: dict[str, Any] = {
        "source": line,
        "text": text,
        "tokens": found.tokens,
        "logprobs": found.log_probs,
        "logprob": math.fsum(found.log_probs),
        "ended": found.ended,
    }
    if attention is not None:
        values |= {"source_tokens": found.source, "attention": attention.tolist()}
    return values


def attention_table(found: Translation, attention: Array, codec: Codec) -> str:
    """Return a row per token that was written, with its attention to each token in percent."""
    source, target = ([as_text(token, codec) for token in side] for side in found[:2])
    cells = [[_percent(share) for share in row] for row in attention]
    rows = [["", *source], *([token, *row] for token, row in zip(target, cells, strict=True))]
    return "\n".join(grid(rows, left=1))


def _percent(share: float) -> str:
    return f"{100 * share:.0f}" if share >= 0.005 else "."


def attention_sheet(found: Sequence[tuple[Translation, Array]], codec: Codec, model: str) -> Sheet:
    """Return one heat map per translation: a row per token that was written, from the top.

    Args:
        found: Translations, each with its attention ``(T, S)``.
        codec: Knows how tokens are written.
        model: The model's name.
    """
    charts = [[_heat(one, weights, codec)] for one, weights in found]
    steps = sum(1.0 + 0.2 * len(one.tokens) for one, _ in found)
    widest = max(len(one.source) for one, _ in found)
    size = (min(max(5.0, 1.8 + 0.22 * widest), 16.0), min(1.0 + steps, 40.0))
    caption = "how much each token that was written (a row) looks at each token of the source"
    return Sheet(f"Attention of {model}", charts, size, caption)


def _heat(found: Translation, weights: Array, codec: Codec) -> Chart:
    source, target = (
        [shortened(as_text(token, codec), 12) for token in side] for side in found[:2]
    )
    return Chart(
        "",
        "source",
        "translation",
        [Heat(weights)],
        x_ticks=(range(len(source)), source),
        y_ticks=(range(len(target)), target),
        upright=not codec.one_character,
    )


def quality_values(found: Quality, corpus: str, checkpoint: str) -> dict[str, Any]:
    """Return all figures of an evaluation as plain values."""
    scores = found.scores
    return {
        "exact_match": found.exact / found.lines,
        "exact": found.exact,
        "lines": found.lines,
        "chrf": scores and scores.chrf,
        "bleu": scores and scores.bleu,
        "signature": scores and scores.signature,
        "perplexity": perplexity(found.nats, found.tokens),
        "nats_per_token": found.nats / found.tokens,
        "tokens": found.tokens,
        "wrong": [one._asdict() for one in found.wrong],
        "corpus": corpus,
        "checkpoint": checkpoint,
    }


def quality_table(values: Mapping[str, Any]) -> str:
    """Format an evaluation as text, from the values of ``quality_values``."""
    right, lines = values["exact"], values["lines"]
    rows = {"exact match": f"{figure(values['exact_match'], '.2%')}, {right:,} of {lines:,} lines"}
    if values["chrf"] is not None:
        rows |= {"chrF2": f"{values['chrf']:.2f}", "BLEU": f"{values['bleu']:.2f}"}
    rows["perplexity"] = f"{figure(values['perplexity'], '.4f')} of {values['tokens']:,} tokens"
    shown = columns(rows, 13)
    if wrong := values["wrong"][:MOST_EXAMPLES]:
        header = ["source", "translation", "reference"]
        cells = [[shortened(one[key], 40) for key in header] for one in wrong]
        shown += ["", "the first that are not the same", *grid([header, *cells], left=3)]
    return "\n".join(shown)
