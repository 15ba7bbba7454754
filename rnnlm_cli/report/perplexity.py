"""The perplexity of a text, as plain values for JSON and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnnlm_cli.evaluate.interpolation import Interpolation
from rnnlm_cli.evaluate.measure import PERPLEXITY, Measure
from rnnlm_cli.evaluate.mixture import Mixed
from rnnlm_cli.evaluate.perplexity import Band, Perplexity, text_figures
from rnnlm_cli.evaluate.tuning import Tried
from rnnlm_cli.report.table import columns, figure, visible
from rnnlm_cli.text.target_sizes import TextSize

TRIED_HEADER = "perplexity  bits per byte  settings"


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
        **measure.text_values(result.figures),
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
    return {"how": how, **figures_of(result)}


def figures_of(result: Perplexity) -> dict[str, Any]:
    """Return the figures of a text that is read in one way."""
    return {
        "perplexity": result.perplexity,
        "perplexity_without_unknown": result.perplexity_without_unknown,
        "nats_per_token": result.nats_per_token,
        **PERPLEXITY.text_values(result.figures),
    }


def band_values(band: Band) -> dict[str, Any]:
    """Return the perplexity of tokens of similar frequency."""
    return {
        "at_least": band.at_least,
        "below": band.below,
        "tokens": band.tokens,
        "perplexity": band.perplexity,
    }


def mixed_values(mixed: Mixed, names: Sequence[str], size: TextSize) -> dict[str, Any]:
    """Return a mixture on a text: ``ensemble`` and ``interpolated``, as far as it has them.

    Args:
        mixed: The mixture.
        names: The files of its models.
        size: The size of the text's targets.
    """
    values = {}
    if ensemble := mixed.ensemble:
        models = zip(names, ensemble.weights, ensemble.models, strict=False)
        values["ensemble"] = {
            "models": [
                {"checkpoint": name, "weight": weight, **figures_of(result)}
                for name, weight, result in models
            ],
            **figures_of(ensemble.mix),
            "fitted": ensemble.fitted,
        }
    if mixed.interpolation:
        values["interpolated"] = mixture_values(mixed.interpolation, size)
    return values


def mixture_values(mixed: Interpolation, size: TextSize) -> dict[str, Any]:
    """Return a mixture with an n-gram model on a text, whose targets have a size."""
    by_model = {"ngram": mixed.ngram_nats, "mix": mixed.mix_nats}
    return {
        **mixed._asdict(),
        **{
            f"{name}_{key}": value
            for name, nats in by_model.items()
            for key, value in PERPLEXITY.text_values(text_figures(nats, size)).items()
        },
    }


def tried_values(tried: Tried) -> dict[str, Any]:
    """Return settings and the resulting perplexity; None for the unadapted model."""
    settings = tried.settings._asdict() if tried.settings else None
    return {
        "perplexity": tried.perplexity,
        **PERPLEXITY.text_values(tried.figures),
        "settings": settings,
    }


def tried_row(tried: Tried, option: str) -> str:
    """Format settings that were tried, below ``TRIED_HEADER``; ``option`` has them."""
    bits = "-" if tried.figures is None else figure(tried.figures.bits_per_byte, ".4f")
    return f"{figure(tried.perplexity, '.2f'):>10}  {bits:>13}  {option}"


def perplexity_table(values: Mapping[str, Any], measure: Measure) -> str:
    """Format an evaluation as a table.

    Args:
        values: From ``perplexity_values``, with ``seconds`` and optionally ``adapted``,
            ``ensemble``, ``interpolated`` and ``by_frequency``.
        measure: The measure that is reported.
    """
    without = values[f"{measure.key()}_without_unknown"]
    width = max(20, len(measure.name) + len(" per word  "))
    rows = {
        measure.name: figure(values[measure.key()]),
        "without unknown": optional(without),
        "nats per token": figure(values["nats_per_token"], ".4f"),
        "bits per token": figure(values["bits_per_token"], ".4f"),
        "bits per character": figure(values["bits_per_character"], ".4f"),
        "bits per byte": figure(values["bits_per_byte"], ".4f"),
        f"{measure.name} per word": optional(values[f"{measure.key()}_per_word"], "no word"),
        "tokens predicted": f"{values['tokens']:,}",
        "unknown among them": f"{values['unknown']:,} ({values['oov']:,} out of vocabulary, "
        f"{values['oov_rate']:.2%})",
        "corpus": visible(values["corpus"]),
        "checkpoint": visible(values["checkpoint"]),
        "seconds": f"{values['seconds']:.1f}",
    }
    lines = columns(rows, width)
    if adapted := values.get("adapted"):
        lines += ["", f"with {adapted['how']}: {text_row(adapted)}"]
    if ensemble := values.get("ensemble"):
        lines += ["", *ensemble_rows(ensemble)]
    if mixed := values.get("interpolated"):
        lines += ["", *mixture_rows(mixed)]
    if bands := values.get("by_frequency"):
        lines += ["", *band_rows(bands, measure)]
    return "\n".join(lines)


def optional(value: float | None, missing: str = "no token left") -> str:
    """Format a figure that there may not be."""
    return missing if value is None else figure(value)


def text_row(values: Mapping[str, Any]) -> str:
    """Format the figures of a text read in one way: by an adapted model, or by a mixture."""
    without = optional(values["perplexity_without_unknown"])
    per_word = optional(values["perplexity_per_word"], "no word")
    return (
        f"perplexity {figure(values['perplexity'])}, without unknown {without}, per word "
        f"{per_word}; bits per character {figure(values['bits_per_character'], '.4f')}, per byte "
        f"{figure(values['bits_per_byte'], '.4f')}"
    )


def ensemble_rows(ensemble: Mapping[str, Any]) -> list[str]:
    """Format several networks, each by itself and together."""
    return [
        *(
            f"weight {model['weight']:.4f}: {visible(model['checkpoint'])}: {text_row(model)}"
            for model in ensemble["models"]
        ),
        f"ensemble: {text_row(ensemble)}, {weights_from(ensemble)}",
    ]


def weights_from(mixed: Mapping[str, Any]) -> str:
    """Say where the weights of a mixture are from."""
    return "fitted on the validation text" if mixed["fitted"] else "as given"


def mixture_rows(mixed: Mapping[str, Any]) -> list[str]:
    """Format a mixture, from its values (``Interpolation._asdict``)."""
    ngram, mix = (
        {
            "perplexity": mixed[name],
            "perplexity_without_unknown": mixed[f"{name}_without_unknown"],
            **{key: mixed[f"{name}_{key}"] for key in PERPLEXITY.text_values(None)},
        }
        for name in ("ngram", "mix")
    )
    return [
        f"n-gram model: {text_row(ngram)}",
        f"mixture: {text_row(mix)}, the network's weight {mixed['weight']:.4f}, "
        f"{weights_from(mixed)}",
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
