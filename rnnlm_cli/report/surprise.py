"""The surprise of a model at each token, as plain values, as rows and as a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rnnlm_cli.evaluate.perplexity import perplexity
from rnnlm_cli.learned.surprise import Surprise, mean_nats
from rnnlm_cli.report.colors import SEQUENTIAL
from rnnlm_cli.report.page import Cell, Page, Writer, as_text, shown
from rnnlm_cli.report.texts import candidate_values
from rnnlm_cli.text.codec.base import Codec


def surprise_values(found: Sequence[Surprise]) -> dict[str, Any]:
    """Return all figures as plain values."""
    mean = mean_nats(list(found))
    return {
        "nats_per_token": None if math.isnan(mean) else mean,
        "tokens": [{**one._asdict(), "expected": candidate_values(one.expected)} for one in found],
    }


def surprise_page(found: Sequence[Surprise], codec: Codec, size: int, model: str) -> Page:
    """Return a text with its nats as colors, and under each token what was expected.

    The darkest color is ``log V``: the surprise of who knows nothing of ``V`` tokens.

    Args:
        found: The tokens.
        codec: Knows how tokens are written.
        size: ``V``.
        model: The model's name.
    """
    darkest = math.log(max(size, 2))
    writer = Writer(SEQUENTIAL)
    mean, scored = mean_nats(list(found)), sum(one.nats is not None for one in found)
    writer.heading(
        f"Surprise of {model}: {mean:.2f} nats per token, perplexity "
        f"{perplexity(mean, 1):,.1f}, {scored} tokens"
    )
    chars = codec.one_character
    below = (
        "below a token: the likeliest ones in its place"
        if chars
        else "below a token: its nats (? if unknown), then the likeliest ones in its place"
    )
    writer.heading(below, bold=False)
    cells = [_cell(one, codec, darkest) for one in found]
    for k in range(1, len(cells)):
        if cells[k].ends_line and cells[k - 1].ends_line:  # an empty line needs no room below
            cells[k] = cells[k]._replace(below=())
    writer.cells(cells, gap=0.15 if chars else 0.6)
    writer.key(
        "0 nats (certain)", f"{darkest:.1f} nats and more: as if all {size:,} were equally likely"
    )
    return writer.page


def _cell(one: Surprise, codec: Codec, darkest: float) -> Cell:
    """Return the cell of a token."""
    end = codec.line_end
    expected = [
        shown(codec.surface(candidate.token), end)
        if codec.one_character
        else f"{shown(codec.surface(candidate.token), end)} {_share(candidate.log_prob)}"
        for candidate in one.expected
    ]
    if not codec.one_character and one.nats is not None:
        expected.insert(0, f"{one.nats:.1f}{'' if one.known else '?'}")
    return Cell(
        as_text(one.token, codec),
        None if one.nats is None else one.nats / darkest,
        expected,
        one.token == end,
    )


def _share(log_prob: float) -> str:
    """Return a probability in percent, short."""
    percent = 100 * math.exp(log_prob)
    return f"{percent:.0f}%" if percent >= 1 else "<1%"
