"""Printing generated texts: while they are written, or when complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.generate.text import Sample
from rnnlm_cli.model.trained import TrainedModel
from rnnlm_cli.report.texts import sample_values
from rnnlm_cli.system.json_line import json_line


def stream(pieces: Iterable[str]) -> None:
    """Write one text as it is generated."""
    for piece in pieces:
        print_result(piece, end="")
    print_result("")


def show(saved: TrainedModel, texts: Sequence[Sample], as_json: bool) -> None:
    """Print complete texts."""
    if as_json:
        for text in texts:
            print_result(json_line(sample_values(text, saved.codec)))
    else:
        print_result("\n\n".join(saved.codec.decode(text.tokens) for text in texts))
