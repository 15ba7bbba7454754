"""The section of trainings: their curves, and how each ended."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.report.curves import Curves
from rnnlm_cli.report.html.call import Call, Shown
from rnnlm_cli.report.html.markup import joined, tag
from rnnlm_cli.report.html.svg import figures
from rnnlm_cli.report.log import log_table, log_values, read_log
from rnnlm_cli.report.training import training_picture


def trainings(trained: Sequence[Curves]) -> Shown:
    """Return the curves of trainings, and the summary of each log."""
    picture, summaries = training_picture(trained), []
    for one in trained:
        lines = read_log(one.path)
        summed_up = log_table(log_values(one.path, lines), lines)
        summaries.append(tag("pre", summed_up, class_="lines"))
    curves = figures(picture.panels, one_legend=True)
    body = joined(curves, tag("p", picture.caption, class_="faint"), summaries)
    paths = [one.path for one in trained]
    return Shown(body, [Call("plot training", paths), Call("show", paths)])
