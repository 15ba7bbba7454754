"""The perplexity of a text, as plain values for JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rnnlm_cli.evaluate.measure import Measure
from rnnlm_cli.evaluate.perplexity import Band, Perplexity
from rnnlm_cli.evaluate.tuning import Tried
from rnnlm_cli.report.table import columns, figure, visible


def perplexity_values(
    result: Perplexity, corpus: str, checkpoint: str, measure: Measure
) -> dict[str, Any]:
    """Return an evaluation as plain values.

    Args:
        result: The result of the evaluation.
        corpus: The name of the text.
        checkpoint: The path of the model.
        measure: The measure that is reported.
    """
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


def adapted_values(how: str, result: Perplexity) -> dict[str, Any]:
    """Return the result of a model that adapts to the text; ``how`` names the settings."""
    return {
        "how": how,
        "perplexity": result.perplexity,
        "perplexity_without_unknown": result.perplexity_without_unknown,
        "nats_per_token": result.nats_per_token,
    }


def band_values(band: Band) -> dict[str, Any]:
    """Return the perplexity of tokens of similar frequency."""
    return {
        "at_least": band.at_least,
        "below": band.below,
        "tokens": band.tokens,
        "perplexity": band.perplexity,
    }


def tried_values(tried: Tried) -> dict[str, Any]:
    """Return settings and the resulting perplexity; None for the unadapted model."""
    settings = tried.settings._asdict() if tried.settings else None
    return {"perplexity": tried.perplexity, "settings": settings}


def perplexity_table(values: Mapping[str, Any], measure: Measure) -> str:
    """Format an evaluation as a table.

    Args:
        values: From ``perplexity_values``, with ``seconds`` and optionally ``adapted``,
            ``interpolated`` and ``by_frequency``.
        measure: The measure that is reported.
    """
    without = values[f"{measure.key()}_without_unknown"]
    rows = {
        measure.name: figure(values[measure.key()]),
        "without unknown": "no token left" if without is None else figure(without),
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
    lines = columns(rows, 20)
    if adapted := values.get("adapted"):
        lines += ["", f"with {adapted['how']}: perplexity {figure(adapted['perplexity'])}"]
    if mixed := values.get("interpolated"):
        lines += ["", *mixture_rows(mixed)]
    if bands := values.get("by_frequency"):
        lines += ["", *band_rows(bands, measure)]
    return "\n".join(lines)


def mixture_rows(mixed: Mapping[str, Any]) -> list[str]:
    """Format a mixture, from its values (``Interpolation._asdict``)."""
    fitted = "fitted on the validation text" if mixed["fitted"] else "as given"
    without = {
        name: "no token left" if value is None else figure(value)
        for name, value in mixed.items()
        if name.endswith("_without_unknown")
    }
    return [
        f"n-gram model: perplexity {figure(mixed['ngram'])}, "
        f"without unknown {without['ngram_without_unknown']}",
        f"mixture: perplexity {figure(mixed['mix'])}, "
        f"without unknown {without['mix_without_unknown']}, "
        f"the network's weight {mixed['weight']:.4f}, {fitted}",
        f"unknown to the n-gram model: {mixed['unknown']:,}; known, but with probability zero: "
        f"{mixed['zero_probabilities']:,}",
    ]


def band_rows(bands: Iterable[Mapping[str, Any]], measure: Measure) -> list[str]:
    """Format the perplexities by frequency, from the values of ``band_values``."""
    lines = [f"{'times in training':<20}{'tokens':>10}{measure.name:>20}"]
    for band in bands:
        upto = "and more" if band["below"] is None else f"to {band['below'] - 1:,}"
        name = "never" if band["at_least"] == 0 else f"{band['at_least']:,} {upto}"
        lines.append(f"{name:<20}{band['tokens']:>10,}{figure(band['perplexity']):>20}")
    return lines
