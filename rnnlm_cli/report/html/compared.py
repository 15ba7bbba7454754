"""The section that compares models: with each other on one text, and by their settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnlm_cli.config import config_to_plain, flattened
from rnnlm_cli.report.charts import Chart, Curve, Dots, Mark
from rnnlm_cli.report.html.call import Call, Shown
from rnnlm_cli.report.html.look import Look
from rnnlm_cli.report.html.markup import Markup, joined, table, tag
from rnnlm_cli.report.html.svg import figures
from rnnlm_cli.report.models import differing_keys, setting, short_names
from rnnlm_cli.report.models import figures as best_figures
from rnnlm_cli.report.table import cell, figure, visible, with_values


def settings(looks: Sequence[Look]) -> Shown:
    """Return a row per model: its size, its best validation, and the settings that differ."""
    plain = [flattened(config_to_plain(look.model.config)) for look in looks]
    keys = differing_keys(plain)
    measures = dict.fromkeys(look.measure.name for look in looks)
    header = ["model", "parameters", "epochs", "best epoch", f"valid {' or '.join(measures)}"]
    rows = [[*header, "bits/character", *short_names(keys)]]
    rows += [
        [visible(look.path), *best_figures(look.stored), *(setting(own.get(key)) for key in keys)]
        for look, own in zip(looks, plain, strict=True)
    ]
    header, *rows = with_values(rows)
    body = table(header, rows)
    return Shown(body, [Call("show", [look.path for look in looks])])


def comparison(
    compared: Sequence[Mapping[str, Any]],
    named: Mapping[str, Any],
    tokens: int,
    left_out: Sequence[str] = (),
) -> Shown:
    """Return how models differ from the first one, with 95% intervals.

    Args:
        compared: From ``comparison_values``, each of the first model and another one.
        named: The options that name the text.
        tokens: How many tokens of it were read.
        left_out: The models that cannot be compared, with the reasons.
    """
    first = visible(compared[0]["checkpoints"][0])
    header = ["model", "perplexity", "per word", "bits/byte"]
    header += ["nats more than the first", "95% interval", "verdict"]
    rows = [header, [f"1  {first}", *_own(compared[0], 0), "", "", ""]]
    rows += [
        [f"{k}  {visible(one['checkpoints'][1])}", *_own(one, 1), *_against(one)]
        for k, one in enumerate(compared, 2)
    ]
    header, *rows = with_values(rows)
    body = joined(
        tag(
            "p",
            f"On the beginning of {visible(compared[0]['corpus'])}, each against the first by a "
            "paired bootstrap over lines; below zero a model is better than the first.",
        ),
        table(header, rows),
        figures(_charts(compared)),
        _reasons(compared),
        (tag("p", f"Left out: {reason}.", class_="faint") for reason in left_out),
    )
    options = {**named, "tokens": tokens}
    return Shown(body, [Call("eval compare", one["checkpoints"], options) for one in compared])


def _own(values: Mapping[str, Any], k: int) -> list[str]:
    return [
        figure(values["perplexity"][k]),
        cell(values["perplexity_per_word"][k]),
        figure(values["bits_per_byte"][k], ".4f"),
    ]


def _against(values: Mapping[str, Any]) -> list[str]:
    unit = values["unit"]
    low, high = values["interval"]
    if values["no_verdict"]:
        verdict = "none"
    elif values["verdict"] is None:
        verdict = "no significant difference"
    else:
        verdict = "better" if values["verdict"] == values["checkpoints"][1] else "worse"
    return [
        f"{figure(values[f'nats_per_{unit}'], '+.4f')} per {unit}",
        f"{figure(low, '+.4f')} to {figure(high, '+.4f')}",
        verdict,
    ]


def _charts(compared: Sequence[Mapping[str, Any]]) -> list[Chart]:
    """Return the differences with their intervals, a chart per unit."""
    charts = []
    for unit in dict.fromkeys(one["unit"] for one in compared):
        group = [(k, one) for k, one in enumerate(compared, 2) if one["unit"] == unit]
        places = [k for k, _ in group]
        middles = [sum(one["interval"]) / 2 for _, one in group]
        halves = [(one["interval"][1] - one["interval"][0]) / 2 for _, one in group]
        ends = [places[0] - 0.5, places[-1] + 0.5]
        gained = [one[f"nats_per_{unit}"] for _, one in group]
        marks: list[Mark] = [
            Curve("95% interval", places, middles, 0, halves, ""),
            Dots("difference", places, gained),
            Curve("the first model", ends, [0, 0], 6, (), ":"),
        ]
        chart = Chart(
            f"Difference from the first model, nats per {unit}",
            "model, in the order of the table",
            f"nats per {unit}",
            marks,
            x_ticks=(places, [str(k) for k in places]),
        )
        charts.append(chart)
    return charts


def _reasons(compared: Sequence[Mapping[str, Any]]) -> list[Markup]:
    said = dict.fromkeys(line for one in compared for line in one["warnings"])
    return [tag("p", line, class_="warning") for line in said]
