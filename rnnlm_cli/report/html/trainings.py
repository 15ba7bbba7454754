"""The section of trainings: their curves, and how each ended."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.report.curves import Curves
from rnnlm_cli.report.html.call import Call, Shown
from rnnlm_cli.report.html.markup import joined, tag
from rnnlm_cli.report.html.svg import figures
from rnnlm_cli.report.log import log_table, log_values, read_log
from rnnlm_cli.report.training import training_picture


def trainings(all_curves: Sequence[Curves]) -> Shown:
    """Return the curves of trainings, and the summary of each log."""
    picture = training_picture(all_curves)
    summaries = []
    for curves in all_curves:
        lines = read_log(curves.path)
        summaries.append(
            tag("pre", log_table(log_values(curves.path, lines), lines), class_="lines")
        )
    paths = [curves.path for curves in all_curves]
    body = joined(figures(picture.panels), tag("p", picture.caption, class_="faint"), summaries)
    return Shown(body, [Call("plot training", paths), Call("show", paths)])
