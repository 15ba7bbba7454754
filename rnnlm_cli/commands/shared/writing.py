"""Printing texts that a model writes: as they come, or when they are complete."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlm_cli.checkpoint import SavedModel
from rnnlm_cli.commands.shared.messages import print_result
from rnnlm_cli.generate.filters import Filter
from rnnlm_cli.generate.text import Ending, Sample, generate
from rnnlm_cli.report.texts import sample_values
from rnnlm_cli.system.json_line import json_line
from rnnlm_cli.text.detokenizer import Detokenizer, join_tokens


def stream(
    saved: SavedModel,
    tokens: Sequence[str],
    length: int,
    seeds: Sequence[int],
    filters: Sequence[Filter],
    ends: Ending,
) -> None:
    """Write one text as it is generated."""
    detokenizer = Detokenizer(saved.tokenizer)
    written = 0
    for (text,) in generate(saved, tokens, length, seeds, filters, ends):
        pieces = [detokenizer.piece(token) for token in text.tokens[written:]]
        print_result("".join(pieces), end="")
        written = len(text.tokens)
    print_result("")


def show(saved: SavedModel, texts: Sequence[Sample], as_json: bool) -> None:
    """Print texts that are complete."""
    if as_json:
        for text in texts:
            print_result(json_line(sample_values(text, saved.tokenizer)))
    else:
        print_result("\n\n".join(join_tokens(text.tokens, saved.tokenizer) for text in texts))
