"""The section of the gradient's flow through time."""

from __future__ import annotations

from rnnlm_cli.learned.gradient_flow import gradient_flow
from rnnlm_cli.report.gradient_flow import flow_caption, flow_panel, flow_rows
from rnnlm_cli.report.html.call import Shown
from rnnlm_cli.report.html.look import Look
from rnnlm_cli.report.html.markup import joined, table, tag
from rnnlm_cli.report.html.svg import figures

READ, STEPS = 2_000, 50
"""Tokens of the text, and steps back."""


def flow(look: Look) -> Shown:
    """How far a gradient gets back."""
    read = min(READ, look.settings.tokens)
    excerpt = look.excerpt(read)
    steps = max(2, min(STEPS, len(excerpt.ids) - 1))
    found = gradient_flow(look.model, excerpt, steps)
    header, *rows = flow_rows(found)
    body = joined(tag("p", flow_caption(found)), table(header, rows), figures([flow_panel(found)]))
    return Shown(body, [look.call_on_text("plot flow", tokens=read, steps=steps)])
