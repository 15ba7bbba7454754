"""What one server takes on: one table with ranges, defaults and meanings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from rnnlm_cli.checks import Range
from rnnlm_cli.generate.together import MOST


@dataclass(frozen=True)
class Limits:
    """The limits of a server; see ``LIMITS``."""

    max_body: int = 1 << 20
    max_prompt: int = 8192
    max_texts: int = 128
    max_tokens: int = 4096
    max_top: int = 100
    max_text: int = 65536
    max_seconds: int = 300
    max_requests: int = 512
    max_streams: int = MOST
    drain_seconds: int = 30

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            UsageError: A value is out of range.
        """
        for name, limit in LIMITS.items():
            limit.values.check(name, getattr(self, name))


class Limit(NamedTuple):
    """The allowed values of a limit, and its meaning."""

    values: Range
    meaning: str


LIMITS = {
    "max_body": Limit(Range(1, 1 << 30, whole=True), "Bytes of a request's body."),
    "max_prompt": Limit(Range(1, 1 << 24, whole=True), "Tokens of a prompt, or of a line to fill."),
    "max_texts": Limit(Range(1, 1 << 16, whole=True), "Texts of a request: prompts times n."),
    "max_tokens": Limit(Range(1, 1 << 24, whole=True), "Tokens that are drawn per text."),
    "max_top": Limit(Range(1, 1 << 16, whole=True), "Candidates per token: logprobs and top."),
    "max_text": Limit(Range(1, 1 << 28, whole=True), "Tokens of a text to score."),
    "max_seconds": Limit(Range(1, 10**6, whole=True), "Seconds per request."),
    "max_requests": Limit(
        Range(1, 1 << 16, whole=True), "Requests at once; more are asked to come again (429)."
    ),
    "max_streams": Limit(
        Range(1, 1 << 16, whole=True), "Texts that a model writes at once; others wait."
    ),
    "drain_seconds": Limit(
        Range(0, 10**6, whole=True), "Seconds that running requests get after SIGTERM."
    ),
}
"""Each limit of ``Limits``."""

BODY_SECONDS = 20
"""How long a client may take to send a body."""

MOST_STOPS, LONGEST_STOP = 16, 200
"""Stop strings per request, and characters of one."""
