"""Generated texts, filled blanks and next tokens, as plain values for JSON and as rows.

``logprob`` is the natural log of a probability.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rnnlm_cli.evaluate.next_token import Candidate
from rnnlm_cli.generate.fill import FilledLine, Filling
from rnnlm_cli.generate.text import Sample
from rnnlm_cli.report.table import visible
from rnnlm_cli.text.codec.base import Codec


def candidate_values(candidates: Iterable[tuple[str, float]]) -> list[dict[str, Any]]:
    """Return tokens and natural logs of their probabilities as plain values."""
    return [{"token": token, "logprob": log_prob} for token, log_prob in candidates]


def next_values(start: str, candidates: Iterable[Candidate]) -> dict[str, Any]:
    """Return a start and its next-token candidates as plain values."""
    return {"start": start, "next": candidate_values(candidates)}


def next_row(candidate: Candidate) -> str:
    """Return a token's row: probability, nats, token."""
    probability = math.exp(candidate.log_prob)
    return f"{probability:8.4f}  {candidate.log_prob:9.4f}  {visible(candidate.token)}"


def sample_values(sample: Sample, codec: Codec) -> dict[str, Any]:
    """Return a generated text as plain values."""
    return {
        "text": codec.decode(sample.tokens),
        "tokens": sample.tokens,
        "logprobs": sample.log_probs,
        "seed": sample.seed,
    }


def filling_values(filling: Filling, codec: Codec) -> dict[str, Any]:
    """Return a line filled by a bidirectional model, with the candidates for each blank."""
    return {
        "text": codec.decode(filling.tokens),
        "tokens": filling.tokens,
        "blanks": [candidate_values(blank) for blank in filling.candidates],
    }


def filling_table(values: Mapping[str, Any]) -> str:
    """Format a filling, from the values of ``filling_values``."""
    lines = [visible(values["text"])]
    for number, candidates in enumerate(values["blanks"], 1):
        lines += ["", f"blank {number}"]
        lines += [f"  {math.exp(c['logprob']):8.4f}  {visible(c['token'])}" for c in candidates]
    return "\n".join(lines)


def filled_lines_values(lines: Sequence[FilledLine], codec: Codec) -> dict[str, Any]:
    """Return lines filled by a left-to-right model: the most likely one, and all of them."""
    found = [
        {"text": codec.decode(tokens), "tokens": tokens, "logprob": log_prob}
        for tokens, log_prob in lines
    ]
    return {**found[0], "lines": found}


def filled_lines_table(values: Mapping[str, Any]) -> str:
    """Format filled lines, from the values of ``filled_lines_values``."""
    return "\n".join(f"{one['logprob']:10.4f}  {visible(one['text'])}" for one in values["lines"])
