"""Answers before they are bytes on a connection."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rnnlm_cli.serve.errors import ApiError

JSON = "application/json"


@dataclass
class Answer:
    """A whole answer."""

    status: int
    body: bytes
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Events:
    """An answer in pieces, as server-sent events: the JSON of each, or ``[DONE]``."""

    pieces: AsyncIterator[bytes]


def in_json(values: Any, status: int = 200) -> Answer:
    """Return values as JSON."""
    return Answer(status, msgspec.json.encode(values))


def refused(error: ApiError) -> Answer:
    """Return an error as JSON."""
    return Answer(error.status, msgspec.json.encode(error.values), headers=error.headers)
